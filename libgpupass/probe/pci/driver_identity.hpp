// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"
#include "probe/folder.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// The UUID that NVIDIA's driver gives the GPU it is bound to, or the unique id that AMD's does. Reads:
/// /proc/driver/nvidia/gpus/ADDRESS/information, unique_id and mem_info_vram_total of the function's own
/// `attributes`.
void read_identity_by_driver(const System& system, Limits& limits, const Folder& attributes,
                             PciFunction& function);

/// Which /dev/nvidiaN it is: N, which is not in the order of addresses.
std::optional<unsigned> nvidia_minor(const System& system, PciAddress address);

}  // namespace gpupass
