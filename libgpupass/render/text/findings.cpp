// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/render.hpp"
#include "render/text/text.hpp"
#include "render/text/tone.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kVerdictWidth = 9;  // "unknown", and two spaces.

/// "fail     0000:65:00.0: what is [id]", and the remedy below it.
std::string finding_lines(const Finding& finding, const View& view) {
  const std::string verdict(to_string(finding.verdict));
  const bool named = finding.message.find(finding.subject) != std::string::npos;
  const std::string words =
      fmt::format("{}{} [{}]", named ? "" : finding.subject + ": ", finding.message, finding.id);
  return toned(verdict, tone_of(finding.verdict), view) + std::string(kVerdictWidth - verdict.size(), ' ') +
         wrapped(printable(words), view, kVerdictWidth, kVerdictWidth) + '\n' +
         indented(finding.remedy, kVerdictWidth + 2, view);
}

}  // namespace

std::string render_limits(const Host& host) {
  std::string text;
  for (const Limit& limit : host.limits)
    text += fmt::format("could not see {}: {}\n", printable(limit.what), printable(limit.why));
  return text;
}

std::string render_passed_over(const std::vector<Finding>& findings, const View& view) {
  std::string text;
  for (const Finding& finding : findings)
    text +=
        wrapped(printable(fmt::format("left out: {} [{}]", finding.message, finding.id)), view, 10) + '\n';
  return text;
}

std::string render_findings(const std::vector<Finding>& findings, const View& view) {
  std::string text;
  for (const Finding& finding : findings) text += finding_lines(finding, view);
  return text;
}

}  // namespace gpupass
