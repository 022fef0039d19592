// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "policy/guard/candidate.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"

namespace gpupass {

namespace {

void has_slices(Candidate& candidate, const PciFunction& member) {
  const std::string name = member.address.to_string();
  if (has_virtual_functions(member))
    candidate.fail("gpu.has-vfs",
                   fmt::format("{} has virtual functions, and vfio-pci refuses it while they exist", name),
                   "when nobody uses them: gpupass slice destroy " + name);
}

/// NVIDIA's driver gives such a function to guests itself; bare, it has neither memory nor engines.
void carries_vgpu(Candidate& candidate, const PciFunction& member) {
  if (!member.vgpu_type || on_vfio(member)) return;
  const std::string name = member.address.to_string();
  if (*member.vgpu_type == 0)
    candidate.fail("gpu.vgpu",
                   fmt::format("{} is for vGPUs, and has no type yet: on vfio-pci it has neither memory nor "
                               "engines",
                               name),
                   fmt::format("gpupass slice create {} --type TYPE: then nvidia gives it to a guest", name));
  else
    candidate.fail(
        "gpu.vgpu",
        fmt::format("{} carries a vGPU of type {}: nvidia is its VFIO driver, and it stays there", name,
                    *member.vgpu_type),
        "a guest gets it as it is, by <hostdev managed='no'>, from libvirt 9.7 on; to take the vGPU "
        "away: gpupass slice destroy " +
            name);
}

void uses_disk(Candidate& candidate, const DeviceUse& use, const char* how,
               const char* remedy = "unmount it, and remove it from its volume group or array") {
  candidate.fail("device.disk-in-use", fmt::format("{} of {} is {}", use.what, use.address.to_string(), how),
                 remedy);
}

/// What runs with a disk may write to it; what is only defined can be started at any moment.
void is_disk_of_guest(Candidate& candidate, const DeviceUse& use) {
  const Domain* guest = find_domain(candidate.host(), use.guest);
  const bool runs = !guest || guest->active;
  const std::string message = fmt::format("{} of {} is a disk of guest {}{}", use.what,
                                          use.address.to_string(), use.guest, runs ? ", which runs" : ""),
                    remedy = fmt::format("take the disk out of the definition of {}", use.guest);
  if (runs)
    candidate.fail("device.disk-in-use", message, fmt::format("shut {} down, and {}", use.guest, remedy));
  else
    candidate.protect(use.address, "device.disk-in-use", message, remedy);
}

/// The guests that have a mediated device, or are defined with it.
std::string guests_of(const Host& host, const std::string& uuid) {
  std::string guests;
  const auto device = DeviceId::parse(uuid);
  if (!device || !host.domains) return guests;
  for (const Domain& domain : *host.domains)
    if (std::ranges::binary_search(domain.live_devices, *device))
      guests += fmt::format("; guest {} runs with it", domain.name);
    else if (std::ranges::binary_search(domain.persistent_devices, *device))
      guests += fmt::format("; guest {} is defined with it", domain.name);
  return guests;
}

/// The command that removes a mediated device. Of functions that are no GPUs slices are not known.
std::string removal_of(const PciFunction& parent, const std::string& uuid) {
  return (is_gpu(parent) ? "gpupass slice destroy " : "mdevctl stop -u ") + shell_word(uuid);
}

/// The driver's remove() does not know that the host depends on the device.
void is_used(Candidate& candidate, const PciFunction& member, const DeviceUse& use) {
  const std::string name = use.address.to_string();
  switch (use.kind) {
    case DeviceUse::Kind::Network:
      return candidate.protect(
          use.address, "device.network-up",
          fmt::format("the network interface {} of {} is up", use.what, name),
          fmt::format("take it down if nothing needs it: ip link set {} down", shell_word(use.what)));
    case DeviceUse::Kind::Route:
      return candidate.protect(
          use.address, "device.default-route",
          fmt::format("the default route leads to {}, of {}", use.what, name),
          "route through another interface: without the route the host cannot be reached");
    case DeviceUse::Kind::Fstab:
      return candidate.protect(use.address, "device.disk-wanted",
                               fmt::format("/etc/fstab names {} of {}", use.what, name),
                               "take it out of /etc/fstab");
    case DeviceUse::Kind::Mdev:
      return candidate.fail("gpu.has-mdevs",
                            fmt::format("{} has the mediated device {}{}", name, use.what,
                                        guests_of(candidate.host(), use.what)),
                            "remove it when no guest uses it: " + removal_of(member, use.what));
    case DeviceUse::Kind::Mounted:
      return uses_disk(candidate, use, "mounted");
    case DeviceUse::Kind::Swap:
      return uses_disk(candidate, use, "used as swap");
    case DeviceUse::Kind::Stacked:
      return uses_disk(candidate, use, "part of another disk");
    case DeviceUse::Kind::Held:
      return uses_disk(candidate, use, "held by a pool, an array, or a mount elsewhere",
                       "find out who has it: lsblk, zpool status -L, findmnt in containers");
    case DeviceUse::Kind::Exported:
      return uses_disk(candidate, use, "given to other machines by the kernel's NVMe target",
                       "take it out of the target: nvmetcli");
    case DeviceUse::Kind::Guest:
      return is_disk_of_guest(candidate, use);
    case DeviceUse::Kind::Zfs:
      return candidate.doubt(
          use.address, "device.disk-in-use",
          fmt::format("{} of {} is perhaps part of a ZFS pool that is imported", use.what, name),
          "compare it with zpool status -L");
    case DeviceUse::Kind::Unseen:
      return candidate.doubt(
          use.address, "device.network-up",
          fmt::format("{} has {}, and its network interface cannot be seen: a container may have it",
                      use.what, name),
          "look for it in the network namespaces of containers: lsns -t net");
    case DeviceUse::Kind::Console:  // Of those guard_console() tells.
    case DeviceUse::Kind::Framebuffer:
      return;
  }
}

void may_be_used(Candidate& candidate, const PciFunction& member) {
  const std::uint32_t base = member.class_code.value_or(0) >> 16;
  const auto& uses = candidate.host().uses;
  if ((base == 0x01 || base == 0x02) && !member.driver.absent() && !on_vfio(member) && uses.unknown())
    candidate.unknown("device.disk-in-use", fmt::format("it is not known whether the host uses {}: {}",
                                                        member.address.to_string(), uses.why()));
}

}  // namespace

void guard_uses(Candidate& candidate, const PciFunction& member) {
  has_slices(candidate, member);
  carries_vgpu(candidate, member);
  if (!candidate.host().uses) return may_be_used(candidate, member);
  for (const DeviceUse& use : *candidate.host().uses)
    if (use.address == member.address) is_used(candidate, member, use);
}

}  // namespace gpupass
