// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// What DeviceUse names. Unknown where it cannot be seen.
/// Reads: /proc/self/{mountinfo,net}, /proc/swaps, /proc/iomem, /etc/fstab, /dev/disk,
/// /sys/class/{block,graphics,net,vtconsole}, /sys/bus/mdev, /sys/fs/btrfs.
Fact<std::vector<DeviceUse>> read_device_uses(const System& system, Limits& limits);

/// What of a line of mountinfo tells of a disk: its number ("259:2"), and the node it was mounted from, as
/// some file systems have numbers of their own ("/dev/nvme0n1p2"). Empty: nothing does.
std::vector<std::string> mounted_disk(std::string_view line);
/// Whether it tells of a ZFS.
bool is_zfs(std::string_view line);

}  // namespace gpupass
