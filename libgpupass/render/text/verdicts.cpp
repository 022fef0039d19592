// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gpupass {

std::size_t rank_of(Verdict verdict) {
  constexpr Verdict kOrder[] = {Verdict::Fail, Verdict::Warn, Verdict::Unknown, Verdict::Pass};
  return static_cast<std::size_t>(std::ranges::find(kOrder, verdict) - std::begin(kOrder));
}

std::vector<Finding> worst_first(std::vector<Finding> findings) {
  std::ranges::stable_sort(findings, {}, [](const Finding& finding) { return rank_of(finding.verdict); });
  return findings;
}

std::size_t count_of(const std::vector<Finding>& findings, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

std::string counts_of(const std::vector<Finding>& findings) {
  std::string counts;
  for (const Verdict verdict : kVerdicts)
    counts +=
        fmt::format("{}{} {}", counts.empty() ? "" : ", ", count_of(findings, verdict), to_string(verdict));
  return counts;
}

}  // namespace gpupass
