// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/placement.hpp"
#include "policy/place/solve.hpp"

namespace gpupass {

/// The solution as the rest of the library knows it: addresses, host CPUs, pins; without reasons.
Placement placement_of(const FreeResources& resources, const Solution& solution);

}  // namespace gpupass
