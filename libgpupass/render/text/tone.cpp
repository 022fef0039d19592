// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/tone.hpp"

#include <fmt/format.h>

namespace gpupass {

namespace {

/// Of "Select Graphic Rendition" in ECMA-48.
const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::Plain:
      return "";
    case Tone::Good:
      return "32";
    case Tone::Caution:
      return "33";
    case Tone::Bad:
      return "31";
    case Tone::Quiet:
      return "2";
    case Tone::Strong:
      return "1";
  }
  return "";
}

}  // namespace

std::string toned(const std::string& text, Tone tone, const View& view) {
  if (!view.colour || tone == Tone::Plain || text.empty()) return text;
  return fmt::format("\033[{}m{}\033[0m", code_of(tone), text);
}

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass:
      return Tone::Good;
    case Verdict::Warn:
    case Verdict::Unknown:
      return Tone::Caution;
    case Verdict::Fail:
      return Tone::Bad;
  }
  return Tone::Plain;
}

Tone tone_of(Answer answer) {
  switch (answer) {
    case Answer::Yes:
      return Tone::Good;
    case Answer::No:
      return Tone::Bad;
    case Answer::Unknown:
      return Tone::Caution;
  }
  return Tone::Plain;
}

Tone tone_of(GpuState state) {
  switch (state) {
    case GpuState::Wedged:
    case GpuState::Quarantined:
      return Tone::Bad;
    case GpuState::Partial:
    case GpuState::Unknown:
      return Tone::Caution;
    default:
      return Tone::Plain;
  }
}

}  // namespace gpupass
