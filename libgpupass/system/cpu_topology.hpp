// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/system.hpp"
#include "gpupass/topology.hpp"

namespace gpupass {

/// The CPUs that are online, as the kernel tells of them. Absent: it tells of none. No file of these takes a
/// device's lock. Reads: /sys/devices/system/cpu.
Fact<CpuTopology> cpu_topology(const Files& files);

}  // namespace gpupass
