// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/render.hpp"
#include "render/json/json.hpp"
#include "render/text/words.hpp"

namespace gpupass {

namespace {

constexpr Verdict kVerdicts[] = {Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Unknown};

std::size_t count(const std::vector<Finding>& findings, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

}  // namespace

std::string render_check(const std::vector<Finding>& findings) {
  std::string summary;
  for (const Verdict verdict : kVerdicts)
    summary +=
        fmt::format("{}{} {}", summary.empty() ? "" : ", ", count(findings, verdict), to_string(verdict));
  return render_findings(findings) + summary + '\n';
}

std::string render_check_json(const Host& host, const std::vector<Finding>& findings) {
  Json result = document(host);
  result["findings"] = json_of(findings);
  for (const Verdict verdict : kVerdicts)
    result["summary"][std::string(to_string(verdict))] = count(findings, verdict);
  return dumped(result);
}

}  // namespace gpupass
