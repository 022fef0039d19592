// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "policy/guard/candidate.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

void has_slices(Candidate& candidate, const PciFunction& member) {
  const std::string name = member.address.to_string();
  if (has_virtual_functions(member))
    candidate.fail("gpu.has-vfs",
                   fmt::format("{} has virtual functions, and vfio-pci does not take it with them", name),
                   fmt::format("write 0 to sriov_numvfs of {} when nobody uses them", name));
}

/// How a disk is used, as the words of a sentence.
std::string words_for_disk_use(const std::string& kind) {
  if (kind == "swap") return "swapped to";
  if (kind == "stacked") return "part of another disk";
  if (kind == "zfs") return "perhaps part of the ZFS pool that is mounted";
  return kind;
}

/// Nothing tells the driver's remove() that the host lives on it.
void is_used(Candidate& candidate, const DeviceUse& use) {
  const std::string name = use.address.to_string();
  if (use.kind == "network")
    candidate.protect(use.address, "device.network-up",
                      fmt::format("the network interface {} of {} is up", use.what, name),
                      fmt::format("take it down where nothing needs it: ip link set {} down", use.what));
  else if (use.kind == "route")
    candidate.protect(use.address, "device.default-route",
                      fmt::format("the default route leads to {}, of {}", use.what, name),
                      "let another interface carry it: the host cannot be reached without");
  else if (use.kind == "fstab")
    candidate.protect(use.address, "device.disk-wanted",
                      fmt::format("/etc/fstab names {} of {}", use.what, name), "take it out of /etc/fstab");
  else if (use.kind == "mdev")
    candidate.fail("gpu.has-mdevs", fmt::format("{} has the mediated device {}", name, use.what),
                   "remove it when no guest uses it: mdevctl stop -u " + use.what);
  else if (use.kind == "mounted" || use.kind == "swap" || use.kind == "stacked" || use.kind == "zfs")
    candidate.fail("device.disk-in-use",
                   fmt::format("{} of {} is {}", use.what, name, words_for_disk_use(use.kind)),
                   "unmount it, and take it out of what is built on it");
}

void may_be_used(Candidate& candidate, const PciFunction& member) {
  const std::uint32_t base = member.class_code.value_or(0) >> 16;
  const auto& uses = candidate.host().uses;
  if ((base == 0x01 || base == 0x02) && !member.driver.absent() && !on_vfio(member) && uses.unknown())
    candidate.unknown("device.disk-in-use", fmt::format("whether the host uses {} is not known: {}",
                                                        member.address.to_string(), uses.why()));
}

}  // namespace

void guard_uses(Candidate& candidate, const PciFunction& member) {
  has_slices(candidate, member);
  if (!candidate.host().uses) return may_be_used(candidate, member);
  for (const DeviceUse& use : *candidate.host().uses)
    if (use.address == member.address) is_used(candidate, use);
}

}  // namespace gpupass
