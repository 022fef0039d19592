// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "policy/place/solve.hpp"

namespace gpupass {

/// Why these GPUs, cores and pages, for people: a line for each choice, and for each assumption that was not
/// verified.
std::vector<std::string> reasons_for(const Host& host, const FreeResources& resources, const Problem& problem,
                                     const Solution& solution);

}  // namespace gpupass
