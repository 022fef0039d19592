// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/placement.hpp"
#include "policy/place/solve.hpp"

namespace gpupass {

/// Why these GPUs, cores and pages, for people: a line for each choice, and for each assumption that was not
/// verified.
std::vector<std::string> reasons_for(const Host& host, const FreeResources& resources, const Problem& problem,
                                     const Solution& solution);

/// How good a placement is whose search was stopped, and how good another could be.
Gap gap_of(const Solved& solved);
std::string gap_reason(const Gap& gap);

}  // namespace gpupass
