// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <optional>

#include "random_resources.hpp"

namespace gpupass {

/// The members of Cost, the worst first.
using PlainCost = std::array<std::int64_t, 11>;
PlainCost plain(const Cost& cost);

/// The least cost of all placements, by going over all numbers of GPUs, vCPUs and pages on each node. It
/// knows packages and switches and no table of distances, and drops no placement but one that costs more than
/// another with the same numbers. @returns nullopt where none fits.
std::optional<PlainCost> least_cost(const RandomHost& host, const Problem& problem);

}  // namespace gpupass
