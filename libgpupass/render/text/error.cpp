// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/render.hpp"
#include "render/text/text.hpp"

namespace gpupass {

std::string render_error(const Error& error) {
  const std::vector<Finding>& reasons = error.reasons();
  if (reasons.empty()) return printable(error.what()) + '\n' + indented(error.hint(), 2);
  if (reasons.size() > 1) return printable(error.headline()) + ":\n" + render_findings(reasons);
  const Finding& reason = reasons.front();
  return fmt::format("{}: {} [{}]\n", printable(error.headline()), printable(reason.message),
                     printable(reason.id)) +
         indented(reason.remedy, 2);
}

}  // namespace gpupass
