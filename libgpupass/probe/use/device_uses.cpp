// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/device_uses.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "probe/folder.hpp"
#include "probe/pci/function_above.hpp"
#include "probe/use/console.hpp"
#include "probe/use/default_routes.hpp"
#include "probe/use/fstab.hpp"
#include "probe/use/mount_table.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// What is mounted.
struct Mounts {
  std::set<std::string> disks;  ///< Numbers and names.
  bool zfs = false;             ///< Whose disks the kernel does not tell.
};

Mounts mounts_of(const System& system, const std::string& mountinfo) {
  Mounts mounts;
  for (const MountEntry& mount : read_mount_table(mountinfo)) {
    if (!mount.number.empty()) mounts.disks.insert(mount.number);
    // Some file systems have numbers of their own, so the node counts too.
    if (mount.source.starts_with("/dev/")) mounts.disks.insert(last_name(mount.source));
    mounts.zfs = mounts.zfs || mount.type == "zfs";
  }
  // A btrfs over several disks is mounted from one of them.
  for (const std::string& file_system : system.list("/sys/fs/btrfs").value_or({}))
    for (const std::string& disk : system.list("/sys/fs/btrfs/" + file_system + "/devices").value_or({}))
      mounts.disks.insert(disk);
  return mounts;
}

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

/// Names of the disks that are swapped to. Files are on disks that are mounted.
std::set<std::string> swapped_to(const std::string& swaps) {
  std::set<std::string> disks;
  for (const MountEntry& swap : read_mount_table(swaps))
    if (swap.source.starts_with("/dev/")) disks.insert(last_name(swap.source));
  return disks;
}

class Uses {
 public:
  Uses(const System& system, Limits& limits) : system_(system), limits_(limits) {}

  void add_disks(const std::vector<std::string>& names, const Mounts& mounts,
                 const std::set<std::string>& swaps);
  void add_networks(const std::vector<std::string>& names);
  void add_mediated_devices();
  void add_console();
  std::vector<DeviceUse> sorted() {
    std::ranges::sort(uses_, {},
                      [](const DeviceUse& use) { return std::tie(use.address, use.what, use.kind); });
    return std::move(uses_);
  }

 private:
  /// The functions by which a disk is reached.
  std::set<PciAddress> functions_of(const std::string& disk, const std::vector<std::string>& names) const {
    std::set<PciAddress> functions;
    const auto add = [&](const std::string& name) {
      if (const auto address = function_above(system_, "/sys/class/block/" + name))
        functions.insert(*address);
    };
    add(disk);
    if (functions.empty())
      for (const std::string& path : names)
        if (disk_of_path(path) == whole_disk(disk)) add(path);
    return functions;
  }

  const System& system_;
  Limits& limits_;
  std::vector<DeviceUse> uses_;
};

void Uses::add_disks(const std::vector<std::string>& names, const Mounts& mounts,
                     const std::set<std::string>& swaps) {
  const std::set<std::string> wanted = disks_of_fstab(system_);
  for (const std::string& name : names) {
    const Folder folder(system_, limits_, "/sys/class/block/" + name, name);
    const std::string number = folder.text("dev").value_or("");
    const auto add = [&](DeviceUse::Kind kind) {
      for (const PciAddress address : functions_of(name, names)) uses_.push_back({address, kind, name});
    };
    const bool mounted = mounts.disks.contains(number) || mounts.disks.contains(name),
               swapped = swaps.contains(name);
    if (mounted) add(DeviceUse::Kind::Mounted);
    if (swapped) add(DeviceUse::Kind::Swap);
    if (wanted.contains(name) && !mounted && !swapped) add(DeviceUse::Kind::Fstab);
    // Device mapper and RAID: what is on top of them is used, or may be at any moment.
    const bool stacked = !folder.list("holders").value_or({}).empty();
    if (stacked) add(DeviceUse::Kind::Stacked);
    if (mounts.zfs && !stacked) add(DeviceUse::Kind::Zfs);
  }
}

void Uses::add_networks(const std::vector<std::string>& names) {
  constexpr unsigned kUp = 1;  // IFF_UP
  const std::set<std::string> routes = default_routes(system_);
  for (const std::string& name : names) {
    const auto address = function_above(system_, "/sys/class/net/" + name);
    if (!address) continue;
    const Folder folder(system_, limits_, "/sys/class/net/" + name, name);
    const std::string text = folder.text("flags").value_or("");
    const auto flags = text.starts_with("0x") ? parse_number<unsigned>(text.substr(2), 16) : std::nullopt;
    if (!flags || (*flags & kUp) != 0)
      uses_.push_back(
          {*address, routes.contains(name) ? DeviceUse::Kind::Route : DeviceUse::Kind::Network, name});
  }
}

void Uses::add_mediated_devices() {
  const std::string folder = "/sys/bus/mdev/devices";
  for (const std::string& uuid : system_.list(folder).value_or({}))
    if (const auto address = function_above(system_, folder + '/' + uuid))
      uses_.push_back({*address, DeviceUse::Kind::Mdev, uuid});
}

void Uses::add_console() {
  if (auto console = console_use(system_)) uses_.push_back(*std::move(console));
  for (DeviceUse& framebuffer : framebuffer_uses(system_.read("/proc/iomem").value_or("")))
    uses_.push_back(std::move(framebuffer));
}

}  // namespace

Fact<std::vector<DeviceUse>> read_device_uses(const System& system, Limits& limits) {
  const Fact<std::string> mountinfo = system.read("/proc/self/mountinfo");
  const Fact<std::vector<std::string>> disks = system.list("/sys/class/block"),
                                       networks = system.list("/sys/class/net");
  if (!mountinfo || disks.unknown() || networks.unknown()) {
    const std::string why = "which disks are mounted, and which networks are up, cannot be read";
    limits.add("uses of devices", why);
    return Unknown{why};
  }
  Uses uses(system, limits);
  uses.add_disks(disks.value_or({}), mounts_of(system, *mountinfo),
                 swapped_to(system.read("/proc/swaps").value_or("")));
  uses.add_networks(networks.value_or({}));
  uses.add_mediated_devices();
  uses.add_console();
  return uses.sorted();
}

}  // namespace gpupass
