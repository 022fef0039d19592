// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/render.hpp"
#include "render/text/words.hpp"

namespace gpupass {

std::string render_limits(const Host& host) {
  std::string text;
  for (const Limit& limit : host.limits)
    text += fmt::format("could not see {}: {}\n", printable(limit.what), printable(limit.why));
  return text;
}

std::string render_findings(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{} {}: {} [{}]\n", to_string(finding.verdict), printable(finding.subject),
                        printable(finding.message), printable(finding.id));
    if (!finding.remedy.empty()) text += "  " + printable(finding.remedy) + '\n';
  }
  return text;
}

}  // namespace gpupass
