// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/system.hpp"

namespace gpupass {

/// The kernel's names of the disks that /etc/fstab names, in whichever way: "nvme0n1p2".
/// Reads: /etc/fstab, /dev, /dev/disk.
std::set<std::string> disks_of_fstab(const System& system);

/// The nodes and links that the text of an fstab names: "/dev/sda1", "/dev/disk/by-uuid/...".
std::vector<std::string> nodes_of_fstab(std::string_view fstab);

}  // namespace gpupass
