// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// CPU topology, architecture, and which CPUs are offline or kept from the scheduler.
/// Reads: hwloc through the worker, /sys/devices/system/cpu, /proc/sys/kernel/arch, /proc/cpuinfo.
void read_cpus(const System& system, Limits& limits, Host& host);

/// The line of /proc/cpuinfo that lists the features of the first CPU: all that is read of it. Empty: there
/// is none.
std::string_view cpu_features(std::string_view cpuinfo);

}  // namespace gpupass
