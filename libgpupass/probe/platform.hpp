// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/platform.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// Reads: /proc/cpuinfo, /sys/class/misc, /sys/kernel/security/lockdown, and whether vfio-pci is there.
Platform read_platform(const System& system);

}  // namespace gpupass
