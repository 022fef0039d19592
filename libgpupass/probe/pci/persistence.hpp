// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <vector>

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// The persistence mode of these GPUs. The driver's management library is asked, for the driver tells it
/// nowhere else.
void read_persistence(const System& system, Limits& limits, const std::set<PciAddress>& gpus,
                      std::vector<PciFunction>& functions);

}  // namespace gpupass
