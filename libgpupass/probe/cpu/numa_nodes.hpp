// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/system.hpp"
#include "gpupass/topology.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// The nodes with their CPUs, memory, distances and huge pages. Absent: the kernel has no NUMA.
/// Reads: /sys/devices/system/node.
Fact<std::vector<NumaNode>> read_numa_nodes(const System& system, Limits& limits);

/// As Host::only_node. Reads: the same folder, and no file in it.
Fact<int> read_only_node(const System& system);

}  // namespace gpupass
