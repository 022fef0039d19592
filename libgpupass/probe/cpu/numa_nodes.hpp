// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/system.hpp"
#include "gpupass/topology.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// The nodes with their CPUs, memory, distances and huge pages. Absent: the kernel has no NUMA.
/// Reads: /sys/devices/system/node.
/// As Host::only_node.
Fact<int> read_only_node(const System& system);

Fact<std::vector<NumaNode>> read_numa_nodes(const System& system, Limits& limits);

}  // namespace gpupass
