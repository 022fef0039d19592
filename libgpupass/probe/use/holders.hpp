// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"
#include "probe/use/processes.hpp"

namespace gpupass {

/// Which processes have a device open: its /dev/vfio node, and with Mappings::Yes also the nodes of host
/// drivers, for graphics, sound and computing. Absent: this is a captured machine without processes. Unknown
/// when a process is hidden from us, because it may have the device open. Reads:
/// /proc/PID/{fd,maps,comm,cgroup}, the folders drm and sound of the functions, /proc/driver/nvidia/gpus.
void read_holders(const System& system, Mappings mappings, Limits& limits, Host& host);

}  // namespace gpupass
