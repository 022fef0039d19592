// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/system.hpp"
#include "probe/use/mount_table.hpp"

namespace gpupass {

/// Where ZFS shows its pools, among its statistics.
inline constexpr const char* kZfsFolder = "/proc/spl/kstat/zfs";

/// Whether a ZFS pool is imported, mounted or not. The kernel does not tell which disks it has. `names` are
/// those of all disks. Reads: /proc/spl/kstat/zfs.
bool has_zfs_pool(const System& system, const std::vector<std::string>& names,
                  const std::vector<MountEntry>& mounts);

}  // namespace gpupass
