// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// What is done with the disks of this machine's functions: `names` are the kernel's names of all disks, and
/// `mountinfo` says what is mounted. Who has a disk that no list names is asked of the kernel. Reads:
/// /etc/fstab, /proc/swaps, /proc/spl/kstat/zfs, /dev/disk, /sys/class/block, /sys/fs/btrfs,
/// /sys/kernel/config/nvmet; the definitions of the host's guests; through the worker: the disks.
std::vector<DeviceUse> disk_uses(const System& system, const Host& host,
                                 const std::vector<std::string>& names, const std::string& mountinfo);

}  // namespace gpupass
