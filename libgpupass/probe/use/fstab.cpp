// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/fstab.hpp"

#include <array>
#include <utility>

#include "probe/use/disk_nodes.hpp"
#include "probe/use/mount_table.hpp"

namespace gpupass {

namespace {

/// Tags of fstab(5), and the folders in which udev keeps a link for each.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTags{{
    {"UUID", "/dev/disk/by-uuid/"},
    {"LABEL", "/dev/disk/by-label/"},
    {"PARTUUID", "/dev/disk/by-partuuid/"},
    {"PARTLABEL", "/dev/disk/by-partlabel/"},
}};

}  // namespace

std::vector<std::string> nodes_of_fstab(std::string_view fstab) {
  std::vector<std::string> nodes;
  for (const MountEntry& entry : read_mount_table(fstab)) {
    nodes.insert(nodes.end(), entry.nodes.begin(), entry.nodes.end());
    for (const auto& [tag, folder] : kTags)
      if (entry.tag == tag) nodes.push_back(std::string(folder) + entry.value);
  }
  return nodes;
}

std::set<std::string> disks_of_fstab(const System& system) {
  std::set<std::string> disks;
  const std::string fstab = system.read("/etc/fstab").value_or("");
  for (const std::string& node : nodes_of_fstab(fstab)) {
    if (const auto disk = disk_of_node(system, node)) disks.insert(*disk);
  }
  return disks;
}

}  // namespace gpupass
