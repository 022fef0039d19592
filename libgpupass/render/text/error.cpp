// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/render.hpp"
#include "render/text/text.hpp"

namespace gpupass {

/// Who speaks, as beside the messages of other programs in a log.
constexpr const char* kProgram = "gpupass: ";

std::string render_error(const Error& error, const View& view) {
  const std::vector<Finding>& reasons = error.reasons();
  const auto lines = [&](const std::string& message, const std::string& remedy) {
    return wrapped(kProgram + printable(message), view, 2) + '\n' + indented(remedy, 2, view);
  };
  if (reasons.empty()) return lines(error.what(), error.hint());
  if (reasons.size() > 1) return lines(error.headline() + ":", "") + render_findings(reasons, view);
  const Finding& reason = reasons.front();
  return lines(fmt::format("{}: {} [{}]", error.headline(), reason.message, reason.id), reason.remedy);
}

}  // namespace gpupass
