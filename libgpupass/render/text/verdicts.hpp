// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/finding.hpp"

namespace gpupass {

inline constexpr Verdict kVerdicts[] = {Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Unknown};

/// How bad a verdict is: 0 is the worst.
std::size_t rank_of(Verdict verdict);
std::vector<Finding> worst_first(std::vector<Finding> findings);
std::size_t count_of(const std::vector<Finding>& findings, Verdict verdict);
/// "18 pass, 0 warn, 1 fail, 0 unknown".
std::string counts_of(const std::vector<Finding>& findings);

}  // namespace gpupass
