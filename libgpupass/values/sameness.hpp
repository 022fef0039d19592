// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <vector>

#include "gpupass/fact.hpp"
#include "gpupass/finding.hpp"

namespace gpupass {

/// What differences say: no where one is certain, unknown where one may be.
inline Answer sameness(const std::vector<Finding>& differences) {
  if (std::ranges::find(differences, Verdict::Fail, &Finding::verdict) != differences.end())
    return Answer::No;
  return differences.empty() ? Answer::Yes : Answer::Unknown;
}

}  // namespace gpupass
