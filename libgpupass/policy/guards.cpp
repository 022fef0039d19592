// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guards.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "gpupass/policy.hpp"
#include "policy/card.hpp"
#include "policy/closure.hpp"
#include "policy/text.hpp"

namespace gpupass {

namespace {

bool contains(const std::vector<PciAddress>& sorted, PciAddress address) {
  return std::ranges::binary_search(sorted, address);
}

/// A display that could show the host's console. A 3D controller (0302) has no outputs, a virtual function
/// neither, and what is on vfio-pci is lost to the host.
bool can_show_console(const PciFunction& function) {
  if (!function.class_code || is_virtual(function) || on_vfio(function)) return false;
  return *function.class_code >> 16 == 0x03 && *function.class_code >> 8 != 0x0302;
}

/// Judges one GPU, guard by guard.
class Guards {
 public:
  Guards(const Host& host, const PciFunction& gpu, const std::vector<PciAddress>& together)
      : host_(host),
        gpu_(gpu),
        together_(together),
        leaving_(closure_of(host, together)),
        closure_(closure_of(host, gpu.address)) {}

  std::vector<Finding> all();

 private:
  void is_no_gpu();
  void has_no_group();
  void shares_group();
  void drives_display(const PciFunction& member);
  void has_functions_out(const PciFunction& member);
  void is_in_use(const PciFunction& member);
  void is_wedged(const PciFunction& member);
  void is_held(const PciFunction& member);
  void is_unreadable(const PciFunction& member);
  std::vector<const PciFunction*> neighbours() const;
  bool goes_along(const PciFunction& stranger) const;

  void add(const char* id, Verdict verdict, std::string message, std::string remedy = {}) {
    findings_.push_back({id, verdict, gpu_.address.to_string(), std::move(message), std::move(remedy)});
  }
  void fail(const char* id, std::string message, std::string remedy = {}) {
    add(id, Verdict::Fail, std::move(message), std::move(remedy));
  }
  void unknown(const char* id, std::string message, std::string remedy = {}) {
    add(id, Verdict::Unknown, std::move(message), std::move(remedy));
  }

  const Host& host_;
  const PciFunction& gpu_;
  const std::vector<PciAddress>& together_;
  const std::vector<PciAddress> leaving_;
  const std::vector<PciAddress> closure_;
  std::vector<Finding> findings_;
};

std::vector<Finding> Guards::all() {
  is_no_gpu();
  has_no_group();
  for (const PciAddress address : closure_) {
    const PciFunction& member = function_at(host_, address);
    drives_display(member);
    has_functions_out(member);
    is_in_use(member);
    is_wedged(member);
    is_held(member);
    if (same_card(member, gpu_)) is_unreadable(member);
  }
  shares_group();
  for (Finding& user : users_of(host_, gpu_.address, closure_)) findings_.push_back(std::move(user));
  return std::move(findings_);
}

void Guards::is_no_gpu() {
  const std::string name = gpu_.address.to_string();
  if (is_bridge(gpu_)) {
    fail("gpu.bridge", fmt::format("{} is a bridge, and bridges stay with the host", name));
    return;
  }
  if (is_gpu(gpu_)) return;
  if (!gpu_.class_code)
    return unknown("gpu.class",
                   fmt::format("the class of {} is not known: {}", name, why_unknown(gpu_.class_code)));
  for (const PciFunction* mate : slot_mates(host_, gpu_))
    if (is_gpu(*mate))
      return fail("gpu.class",
                  fmt::format("{} has class {:06x}: it is not the GPU of its card", name, *gpu_.class_code),
                  fmt::format("name the GPU, {}: the whole card goes with it", mate->address.to_string()));
  fail("gpu.class", fmt::format("{} has class {:06x}: it is no GPU (03xx or 12xx)", name, *gpu_.class_code));
}

/// Only the first function without a group is told: where the IOMMU is off, none has one.
void Guards::has_no_group() {
  for (const PciAddress address : closure_) {
    const PciFunction& member = function_at(host_, address);
    const std::string name = address.to_string();
    if (member.iommu_group && find_group(host_, *member.iommu_group)) continue;
    if (member.iommu_group)
      unknown("group.unknown",
              fmt::format("the members of IOMMU group {} of {} are not known", *member.iommu_group, name));
    else if (!member.iommu_group.absent())
      unknown("group.unknown",
              fmt::format("the IOMMU group of {} is not known: {}", name, why_unknown(member.iommu_group)));
    else if (host_.iommu && host_.iommu->units.empty())
      fail("iommu.disabled", fmt::format("no IOMMU is active, so nothing confines the DMA of {}", name),
           host_.iommu->firmware_tables.empty() ? "switch VT-d, AMD-Vi or the SMMU on in the firmware's setup"
                                                : "boot with intel_iommu=on on Intel, and without iommu=off, "
                                                  "intel_iommu=off and amd_iommu=off");
    else
      fail("group.missing", fmt::format("{} is in no IOMMU group: nothing confines its DMA", name),
           "see that the IOMMU is on, in the firmware's setup and on the kernel's command line");
    return;
  }
}

/// A driver that does not know of VFIO on any member keeps the kernel from giving the group to a guest. PCI
/// bridges and their pcieport are the exception.
void Guards::shares_group() {
  for (const PciFunction* stranger : neighbours()) {
    if (goes_along(*stranger) || stranger->driver.absent() || on_vfio(*stranger)) continue;
    const std::string what = fmt::format("{} shares its IOMMU group", device_text(*stranger));
    if (!stranger->driver)
      unknown("group.foreign-member", fmt::format("{}: {}", what, why_unknown(stranger->driver)));
    else if (is_gpu(*stranger))
      fail("group.foreign-member", what,
           fmt::format("name {} as well: the two go together or not at all", stranger->address.to_string()));
    else
      fail("group.foreign-member", what, "put the card into another slot, one whose port has ACS");
  }
}

std::vector<const PciFunction*> Guards::neighbours() const {
  std::vector<const PciFunction*> result;
  for (const std::uint32_t id : groups_of(host_, closure_)) {
    const IommuGroup* group = find_group(host_, id);
    if (!group) continue;
    for (const PciAddress address : group->members) {
      const PciFunction* member = find_function(host_, address);
      if (member && !(member->class_code && is_bridge_class(*member->class_code))) result.push_back(member);
    }
  }
  return result;
}

bool Guards::goes_along(const PciFunction& stranger) const {
  return std::ranges::any_of(together_,
                             [&](PciAddress gpu) { return same_card(function_at(host_, gpu), stranger); });
}

void Guards::drives_display(const PciFunction& member) {
  const std::string name = member.address.to_string();
  if (member.boot_vga.unknown())
    return unknown("gpu.boot-display",
                   fmt::format("whether {} is the display that the firmware started on is not known: {}",
                               name, why_unknown(member.boot_vga)));
  if (member.boot_vga.value_or(false))
    return fail("gpu.boot-display", fmt::format("{} is the display that the firmware started on", name),
                "make another display the primary one in the firmware's setup");
  if (!can_show_console(member)) return;
  const bool another = std::ranges::any_of(host_.functions, [&](const PciFunction& other) {
    return can_show_console(other) && !contains(leaving_, other.address);
  });
  if (!another)
    fail("gpu.only-display", fmt::format("without {} the host has no display left", name),
         "leave the host another display");
}

void Guards::has_functions_out(const PciFunction& member) {
  if (!has_virtual_functions(member)) return;
  fail("gpu.has-vfs",
       fmt::format("{} has virtual functions, and vfio-pci does not take it with them",
                   member.address.to_string()),
       fmt::format("write 0 to sriov_numvfs of {} when nobody uses them", member.address.to_string()));
}

/// Disks and network interfaces: nothing tells the driver's remove() that the host lives on them.
void Guards::is_in_use(const PciFunction& member) {
  const std::string name = member.address.to_string();
  if (host_.uses) {
    for (const DeviceUse& use : *host_.uses) {
      if (use.address != member.address) continue;
      if (use.kind == "network")
        fail("device.network-up", fmt::format("the network interface {} of {} is up", use.what, name),
             fmt::format("take it down where nothing needs it: ip link set {} down", use.what));
      else
        fail("device.disk-in-use",
             fmt::format("{} of {} is {}", use.what, name,
                         use.kind == "swap"      ? "swapped to"
                         : use.kind == "stacked" ? "part of another disk"
                         : use.kind == "zfs"     ? "perhaps part of the ZFS pool that is mounted"
                                                 : use.kind),
             "unmount it, and take it out of what is built on it");
    }
    return;
  }
  const bool may_be = member.class_code && (*member.class_code >> 16 == 0x01 || *member.class_code >> 16 == 0x02);
  if (may_be && !member.driver.absent() && !on_vfio(member) && host_.uses.unknown())
    unknown("device.disk-in-use", fmt::format("whether the host uses {} is not known: {}", name, host_.uses.why()));
}

void Guards::is_wedged(const PciFunction& member) {
  if (std::ranges::binary_search(host_.wedged, member.address)) findings_.push_back(wedged_finding(member.address));
}

/// Some drivers wait in remove() for the last one to close the device, for ever and past any signal.
void Guards::is_held(const PciFunction& member) {
  const std::string name = member.address.to_string();
  if (!member.driver || on_vfio(member)) return;
  if (host_.users.unknown() && member.address == gpu_.address)
    unknown("gpu.in-use", fmt::format("who uses {} is not known: {}", name, host_.users.why()), "look as root");
  if (!host_.users) return;
  constexpr std::size_t kMostTold = 4;
  std::set<std::string> users;
  bool persistenced = false;
  for (const DeviceUser& user : *host_.users) {
    if (user.device != member.address) continue;
    users.insert(fmt::format("{} (process {})", user.command, user.pid));
    persistenced = persistenced || user.command.starts_with("nvidia-persist");
  }
  if (users.empty()) return;
  const std::vector<std::string> told(users.begin(), std::next(users.begin(), std::min(users.size(), kMostTold)));
  fail("gpu.in-use",
       fmt::format("{} is open in {}{}", name, fmt::join(told, ", "),
                   users.size() > kMostTold ? fmt::format(" and {} more", users.size() - kMostTold) : ""),
       persistenced ? "stop what uses it, and nvidia-persistenced: systemctl stop nvidia-persistenced"
                    : "stop what uses it");
}

void Guards::is_unreadable(const PciFunction& member) {
  const std::string name = member.address.to_string();
  if (member.driver.unknown())
    unknown("gpu.unreadable", fmt::format("the driver of {} is not known: {}", name, member.driver.why()));
  else if (member.driver_override.unknown())
    unknown("gpu.unreadable",
            fmt::format("the driver override of {} is not known: {}", name, member.driver_override.why()));
}

/// Guests that run, each with each of its devices.
std::vector<std::pair<std::string, PciAddress>> devices_in_use(const Host& host) {
  std::vector<std::pair<std::string, PciAddress>> result;
  if (host.domains)
    for (const Domain& domain : *host.domains)
      for (const PciAddress device : domain.live_devices) result.emplace_back(domain.name, device);
  return result;
}

std::vector<Holder> holders_of(const Host& host, const std::vector<PciAddress>& functions) {
  std::vector<Holder> holders;
  const auto groups = groups_of(host, functions);
  if (host.holders)
    for (const Holder& holder : *host.holders)
      if (std::ranges::binary_search(groups, holder.iommu_group)) holders.push_back(holder);
  return holders;
}

}  // namespace

Finding wedged_finding(PciAddress device) {
  const std::string name = device.to_string();
  return {"gpu.wedged", Verdict::Fail, name,
          fmt::format("a driver has hung in the removal of {}, and holds it", name), "reboot the host"};
}

std::vector<Finding> users_of(const Host& host, PciAddress subject, const std::vector<PciAddress>& functions,
                              const std::string& guest) {
  std::vector<Finding> users;
  const auto add = [&](const char* id, Verdict verdict, std::string message, std::string remedy) {
    users.push_back({id, verdict, subject.to_string(), std::move(message), std::move(remedy)});
  };
  bool guest_holds_one = false;
  for (const auto& [domain, device] : devices_in_use(host)) {
    if (!contains(functions, device)) continue;
    guest_holds_one = guest_holds_one || domain == guest;
    if (domain != guest)
      add("gpu.assigned", Verdict::Fail, fmt::format("guest {} runs with {}", domain, device.to_string()),
          fmt::format("detach it from {}, or shut that guest down", domain));
  }
  if (guest_holds_one) return users;  // The holder of the node is its process.
  for (const Holder& holder : holders_of(host, functions))
    add("gpu.held", Verdict::Fail,
        fmt::format("/dev/vfio/{} is held by {} (process {})", holder.iommu_group, holder.command,
                    holder.pid),
        "end the guest that the process runs");

  // Only what is on vfio-pci can be in use by a guest.
  const bool usable =
      std::ranges::any_of(functions, [&](PciAddress f) { return on_vfio(function_at(host, f)); });
  if (usable && host.holders.unknown())
    add("gpu.held", Verdict::Unknown,
        fmt::format("who holds its /dev/vfio node is not known: {}", host.holders.why()), "look as root");
  if (usable && !host.holders && host.domains.unknown())
    add("gpu.assigned", Verdict::Unknown,
        fmt::format("which guest has it is not known: {}", host.domains.why()), "");
  return users;
}

std::vector<Finding> guards(const Host& host, PciAddress gpu, const std::vector<PciAddress>& together) {
  return Guards(host, function_at(host, gpu), together).all();
}

std::vector<Finding> guards(const Host& host, PciAddress gpu) {
  return guards(host, gpu, {gpu});
}

}  // namespace gpupass
