// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// Functions in whose removal a driver has hung since the boot, and still hangs, ascending.
/// Reads: /run/gpupass/wedged, and of what is there the lock of the writer and driver_override.
Fact<std::vector<PciAddress>> read_wedged(const System& system, Limits& limits);

}  // namespace gpupass
