// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "gpupass/render.hpp"

namespace gpupass {

namespace {

/// Each line of a hint.
std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    text += "  " + printable(lines.substr(0, end)) + '\n';
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

}  // namespace

std::string render_error(const Error& error) {
  const std::vector<Finding>& reasons = error.reasons();
  if (reasons.empty()) return printable(error.what()) + '\n' + indented(error.hint());
  if (reasons.size() > 1) return printable(error.headline()) + ":\n" + render_findings(reasons);
  const Finding& reason = reasons.front();
  return fmt::format("{}: {} [{}]\n", printable(error.headline()), printable(reason.message),
                     printable(reason.id)) +
         indented(reason.remedy);
}

}  // namespace gpupass
