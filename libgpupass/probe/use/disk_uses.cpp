// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/disk_uses.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "guest/model/raw_disks.hpp"
#include "probe/pci/function_above.hpp"
#include "probe/use/disk_nodes.hpp"
#include "probe/use/exported_disks.hpp"
#include "probe/use/fstab.hpp"
#include "probe/use/mount_table.hpp"
#include "probe/use/zfs.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// The disk of which "nvme0c3n1" is the path through controller 3, "nvme0n1": where a drive can be reached by
/// several controllers, the kernel has a disk that hangs from none. Empty: it is no such path.
std::string disk_of_path(std::string_view name) {
  if (!name.starts_with("nvme")) return {};
  const std::size_t controller = name.find('c'), space = name.rfind('n');
  if (controller == name.npos || space < controller) return {};
  return std::string(name.substr(0, controller)) + std::string(name.substr(space));
}

/// The disk that "nvme0n1p2" is a partition of.
std::string whole_disk(const std::string& name) {
  return name.starts_with("nvme") ? name.substr(0, name.find('p')) : name;
}

/// Numbers and names of what is mounted.
std::set<std::string> mounted(const System& system, const std::vector<MountEntry>& mounts) {
  std::set<std::string> disks;
  for (const MountEntry& mount : mounts) {
    if (!mount.number.empty()) disks.insert(mount.number);
    // Some file systems have numbers of their own, so the nodes count too.
    for (const std::string& node : mount.nodes) disks.insert(last_name(node));
  }
  // A btrfs over several disks is mounted from one of them.
  for (const std::string& file_system : system.list("/sys/fs/btrfs").value_or({}))
    for (const std::string& disk : system.list("/sys/fs/btrfs/" + file_system + "/devices").value_or({}))
      disks.insert(disk);
  return disks;
}

/// Names of the disks that are swapped to. Files are on disks that are mounted.
std::set<std::string> swapped_to(const System& system) {
  std::set<std::string> disks;
  for (const MountEntry& swap : read_mount_table(system.read("/proc/swaps").value_or("")))
    for (const std::string& node : swap.nodes) disks.insert(last_name(node));
  return disks;
}

/// The disks that loop devices stand on.
std::set<std::string> below_loops(const System& system, const std::vector<std::string>& names) {
  std::set<std::string> disks;
  for (const std::string& name : names) {
    if (!name.starts_with("loop")) continue;
    const std::string file = system.read("/sys/class/block/" + name + "/loop/backing_file").value_or("");
    if (file.starts_with("/dev/")) disks.insert(disk_of_node(system, file).value_or(""));
  }
  return disks;
}

/// The guests whose definitions name each disk.
std::multimap<std::string, std::string> disks_of_guests(const System& system, const Host& host) {
  std::multimap<std::string, std::string> guests;
  if (!host.domains) return guests;
  for (const Domain& domain : *host.domains) {
    std::set<std::string> disks;
    for (const std::string* xml : {&domain.live_xml, &domain.persistent_xml})
      for (const std::string& node : raw_disks(*xml))
        if (const auto disk = disk_of_node(system, node)) disks.insert(*disk);
    for (const std::string& disk : disks) guests.emplace(disk, domain.name);
  }
  return guests;
}

class DiskUses {
 public:
  DiskUses(const System& system, const Host& host, const std::vector<std::string>& names)
      : system_(system), host_(host), names_(names) {
    for (const std::string& name : names)
      above_.emplace(name, function_above(system, "/sys/class/block/" + name));
  }

  void add_known(const std::vector<MountEntry>& mounts);
  void add_held(bool zfs);
  std::vector<DeviceUse> take() { return std::move(uses_); }

 private:
  std::set<PciAddress> functions_of(const std::string& disk) const;
  void add(DeviceUse::Kind kind, const std::string& disk, const std::string& guest = {}) {
    for (const PciAddress address : functions_of(disk)) uses_.push_back({address, kind, disk, guest});
  }
  bool may_be_held(const std::string& disk) const;

  const System& system_;
  const Host& host_;
  const std::vector<std::string>& names_;
  std::map<std::string, std::optional<PciAddress>> above_;  // The function that each hangs from.
  std::vector<DeviceUse> uses_;
};

/// The functions by which a disk is reached.
std::set<PciAddress> DiskUses::functions_of(const std::string& disk) const {
  std::set<PciAddress> functions;
  const auto add = [&](const std::string& name) {
    if (const auto address = above_.at(name)) functions.insert(*address);
  };
  add(disk);
  if (functions.empty())
    for (const std::string& path : names_)
      if (disk_of_path(path) == whole_disk(disk)) add(path);
  return functions;
}

/// Those that a list of the system names.
void DiskUses::add_known(const std::vector<MountEntry>& mounts) {
  using Kind = DeviceUse::Kind;
  const auto mounted_disks = mounted(system_, mounts), swaps = swapped_to(system_),
             wanted = disks_of_fstab(system_), loops = below_loops(system_, names_),
             exported = exported_disks(system_);
  const auto guests = disks_of_guests(system_, host_);
  for (const std::string& name : names_) {
    const std::string folder = "/sys/class/block/" + name;
    const std::string number = system_.read(folder + "/dev").value_or("");
    const bool is_mounted = mounted_disks.contains(number) || mounted_disks.contains(name),
               is_swap = swaps.contains(name);
    if (is_mounted) add(Kind::Mounted, name);
    if (is_swap) add(Kind::Swap, name);
    if (wanted.contains(name) && !is_mounted && !is_swap) add(Kind::Fstab, name);
    // Device mapper, RAID and loops: what is on top of them is used, or may be at any moment.
    if (loops.contains(name) || !system_.list(folder + "/holders").value_or({}).empty())
      add(Kind::Stacked, name);
    if (exported.contains(name)) add(Kind::Exported, name);
    const auto [first, last] = guests.equal_range(name);
    for (auto guest = first; guest != last; ++guest) add(Kind::Guest, name, guest->second);
  }
}

/// Whether nothing is known yet of a disk that a driver of the host has, and that may be about to move: then
/// the probe looked at the override of its function.
bool DiskUses::may_be_held(const std::string& disk) const {
  const auto is_open = [&](PciAddress address) {
    const PciFunction* function = find_function(host_, address);
    const auto is_its = [&](const DeviceUse& use) {
      return use.address == address && use.kind != DeviceUse::Kind::Fstab;
    };
    return function && function->driver_override.asked() && function->driver && !on_vfio(*function) &&
           std::ranges::none_of(uses_, is_its);
  };
  return std::ranges::any_of(functions_of(disk), is_open);
}

/// Those that nothing names, but which somebody has for itself: a pool, a file system of several disks or of
/// another mount namespace, a journal. Where the kernel does not say who, any may be part of a ZFS pool.
void DiskUses::add_held(bool zfs) {
  DisksQuestion question;
  std::ranges::copy_if(names_, std::back_inserter(question.disks),
                       [&](const std::string& name) { return may_be_held(name); });
  if (question.disks.empty()) return;
  std::map<std::string, Fact<bool>> held;
  for (const DiskState& state : system_.ask(question).value_or({})) held[state.name] = state.held;
  for (const std::string& disk : question.disks)
    if (const Fact<bool>& state = held[disk]; state ? *state : zfs)
      add(state ? DeviceUse::Kind::Held : DeviceUse::Kind::Zfs, disk);
}

}  // namespace

std::vector<DeviceUse> disk_uses(const System& system, const Host& host,
                                 const std::vector<std::string>& names, const std::string& mountinfo) {
  DiskUses uses(system, host, names);
  const std::vector<MountEntry> mounts = read_mount_table(mountinfo);
  uses.add_known(mounts);
  uses.add_held(has_zfs_pool(system, names, mounts));
  return uses.take();
}

}  // namespace gpupass
