// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// What DeviceUse names. Unknown where it cannot be seen.
/// Reads: /proc/self/{mountinfo,net}, /proc/swaps, /proc/iomem, /etc/fstab, /dev/disk,
/// /sys/class/{block,graphics,net,vtconsole}, /sys/bus/mdev, /sys/fs/btrfs.
Fact<std::vector<DeviceUse>> read_device_uses(const System& system, Limits& limits);

}  // namespace gpupass
