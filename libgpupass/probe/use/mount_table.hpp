// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpupass {

/// One line of mountinfo, fstab or swaps.
struct MountEntry {
  std::vector<std::string> nodes;  ///< Of its disks, "/dev/sda1", a log or journal elsewhere included.
  std::string tag;                 ///< Of fstab, "UUID"; empty: none.
  std::string value;               ///< Of the tag.
  std::string type;                ///< The file system.
  std::string number;              ///< The device number of a mounted disk, "259:2"; empty: it has none.
};

/// The lines of a mountinfo, an fstab or a list of swaps, with escapes and quotes decoded;
/// lines that are about no disk are left out.
std::vector<MountEntry> read_mount_table(std::string_view text);

}  // namespace gpupass
