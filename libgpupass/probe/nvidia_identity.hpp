// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// The UUID that NVIDIA's driver gives the GPU it is bound to. Reads:
/// /proc/driver/nvidia/gpus/ADDRESS/information.
void read_nvidia_uuid(const System& system, Limits& limits, PciFunction& function);

/// Which /dev/nvidiaN it is: N, which is not in the order of addresses.
std::optional<unsigned> nvidia_minor(const System& system, PciAddress address);

}  // namespace gpupass
