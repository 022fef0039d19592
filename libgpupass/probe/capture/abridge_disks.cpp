// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/capture/abridge_disks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "probe/capture/shorten_file.hpp"
#include "probe/pci/function_above.hpp"
#include "probe/use/exported_disks.hpp"
#include "probe/use/fstab.hpp"
#include "probe/use/mount_table.hpp"
#include "probe/use/zfs.hpp"

namespace gpupass {

namespace {

/// What to write in place of nodes and of texts that name them.
class DiskShortener {
 public:
  explicit DiskShortener(Recording& recording) : recording_(recording) {}

  void shorten_mounts();
  void shorten_fstab();
  void shorten_loops();
  void shorten_targets();
  void shorten_pools();

 private:
  /// "/dev/nvme0n1p2", by the kernel's name. nullopt: it names no disk of this machine.
  std::optional<std::string> node(const std::string& named) const;
  std::vector<std::string> nodes(const std::vector<std::string>& named) const;
  void drop_folders(std::string_view start) {
    std::erase_if(recording_.directories, [&](const auto& item) { return item.first.starts_with(start); });
  }

  Recording& recording_;
};

std::optional<std::string> DiskShortener::node(const std::string& named) const {
  const Entry* link = recording_.find(named);
  const std::string name = last_name(link && link->kind == Entry::Kind::Link ? link->text : named);
  if (!recording_.find("/sys/class/block/" + name)) return std::nullopt;
  return "/dev/" + name;
}

std::vector<std::string> DiskShortener::nodes(const std::vector<std::string>& named) const {
  std::vector<std::string> found;
  for (const std::string& each : named)
    if (auto disk = node(each)) found.push_back(*std::move(disk));
  return found;
}

void DiskShortener::shorten_mounts() {
  shorten_file(recording_, "/proc/self/mountinfo", [&](const std::string& text) {
    std::string disks;
    for (const MountEntry& mount : read_mount_table(text)) {
      const bool zfs = mount.type == "zfs";
      const std::vector<std::string> named = nodes(mount.nodes);
      if (!mount.number.empty() || !named.empty() || zfs)
        disks += fmt::format("0 0 {} / / rw - {} {} rw\n", mount.number.empty() ? "0:0" : mount.number,
                             zfs ? "zfs" : "any",
                             named.empty() ? "none" : fmt::format("{}", fmt::join(named, ":")));
    }
    return disks;
  });
  shorten_file(recording_, "/proc/swaps", [&](const std::string& text) {
    std::string disks;
    for (const MountEntry& swap : read_mount_table(text))
      for (const std::string& disk : nodes(swap.nodes)) disks += fmt::format("{} none any\n", disk);
    return disks;
  });
}

void DiskShortener::shorten_fstab() {
  shorten_file(recording_, "/etc/fstab", [&](const std::string& text) {
    std::string disks;
    for (const std::string& disk : nodes(nodes_of_fstab(text))) disks += fmt::format("{} none any\n", disk);
    return disks;
  });
}

void DiskShortener::shorten_loops() {
  for (auto& [path, directory] : recording_.directories)
    if (const auto file = directory.entries.find("backing_file"); path.starts_with("/sys/class/block/") &&
                                                                  file != directory.entries.end() &&
                                                                  file->second.kind == Entry::Kind::File)
      file->second.text = node(file->second.text).value_or("");
}

/// Names of subsystems are those of their owners.
void DiskShortener::shorten_targets() {
  const std::string folder = kNvmetFolder;
  std::vector<std::string> exported;
  for (const auto& [path, directory] : recording_.directories)
    if (const auto file = directory.entries.find("device_path");
        path.starts_with(folder) && file != directory.entries.end())
      if (const auto disk = node(file->second.text)) exported.push_back(*disk);
  if (exported.empty()) return;
  drop_folders(folder);
  const std::string spaces = folder + "/subsystem/namespaces";
  recording_.set(folder + "/subsystem", {});
  for (std::size_t at = 0; at < exported.size(); ++at) {
    recording_.set(fmt::format("{}/{}", spaces, at + 1), {});
    recording_.set(fmt::format("{}/{}/device_path", spaces, at + 1), {Entry::Kind::File, exported[at]});
  }
  recording_.directories[folder].listed = recording_.directories[spaces].listed = true;
}

void DiskShortener::shorten_pools() {
  const std::string folder = kZfsFolder;
  const auto statistics = recording_.directories.find(folder);
  if (statistics == recording_.directories.end()) return;
  const bool pools = std::ranges::any_of(statistics->second.entries, [&](const auto& item) {
    const Entry* state = recording_.find(folder + '/' + item.first + "/state");
    return !state || state->kind != Entry::Kind::Absent;
  });
  drop_folders(folder);
  recording_.directories[folder].listed = true;
  if (!pools) return;
  recording_.set(folder + "/pool", {});
  recording_.set(folder + "/pool/state", {Entry::Kind::File, "ONLINE"});
}

}  // namespace

void shorten_disks(Recording& recording) {
  DiskShortener disks(recording);
  disks.shorten_mounts();
  disks.shorten_fstab();
  disks.shorten_loops();
  disks.shorten_targets();
  disks.shorten_pools();
  std::erase_if(recording.directories, [](const auto& item) {
    return item.first.starts_with("/dev/disk") || item.first.starts_with("/dev/mapper");
  });
}

}  // namespace gpupass
