// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// Which CPUs are online, and how cores, caches and packages share them.
Fact<CpuTopology> read_topology(const System& system, Limits& limits);

/// The CPUs' architecture, vendor and width of addresses, and which of them are offline, slower, or kept from
/// the scheduler. Reads: /sys/devices/system/cpu, /proc/sys/kernel/arch, /proc/cpuinfo.
void read_cpu_facts(const System& system, Limits& limits, Host& host);

/// The lines of /proc/cpuinfo that tell the vendor, the features and the address sizes of the first CPU: all
/// that is read of it.
std::string cpuinfo_lines(std::string_view cpuinfo);

/// "cpu:type:x86,ven0002fam0019mod0001" of /sys/devices/system/cpu/modalias: all that is read of it. The
/// features follow.
std::string_view cpu_type(std::string_view alias);

}  // namespace gpupass
