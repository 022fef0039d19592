// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// The folder in which AMD's compute driver describes its nodes: CPUs, GPUs and the links between them.
inline constexpr std::string_view kKfdNodesPath = "/sys/class/kfd/kfd/topology/nodes";

/// The xGMI links between AMD GPUs that their own driver has; one that vfio-pci has is in none. NVLink stands
/// in no file. `host.functions` tells which PCI functions there are. Absent where the driver is not there.
/// Reads: /sys/class/kfd/kfd/topology/nodes/N/properties and its io_links/M/properties.
Fact<std::vector<DirectLink>> read_direct_links(const System& system, Limits& limits, const Host& host);

/// The GPUs of AMD's compute driver, by the number that it gives each. Reads: the topology of kfd.
std::map<std::uint32_t, PciAddress> kfd_gpus(const System& system, const Host& host);

/// The lines of such a file that are read. The others identify the card, or tell what nobody here needs.
std::string kfd_lines(std::string_view properties);

}  // namespace gpupass
