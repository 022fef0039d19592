// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "policy/guard/candidate.hpp"
#include "policy/guard/iommu_remedy.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Only the first function without a group is reported: if the IOMMU is off, none has one.
void has_no_group(Candidate& candidate) {
  const Host& host = candidate.host();
  for (const PciAddress address : candidate.closure()) {
    const PciFunction& member = function_at(host, address);
    const std::string name = address.to_string();
    if (member.iommu_group && find_group(host, *member.iommu_group)) continue;
    if (member.iommu_group)
      candidate.unknown("group.unknown", fmt::format("the members of IOMMU group {} of {} are not known",
                                                     *member.iommu_group, name));
    else if (!member.iommu_group.absent())
      candidate.unknown("group.unknown", fmt::format("the IOMMU group of {} is not known: {}", name,
                                                     why_unknown(member.iommu_group)));
    else if (host.iommu && host.iommu->units.empty())
      candidate.fail("iommu.disabled",
                     fmt::format("no IOMMU is active, so nothing confines the DMA of {}", name),
                     iommu_remedy(host));
    else
      candidate.fail("group.missing", fmt::format("{} is in no IOMMU group: nothing confines its DMA", name),
                     group_remedy(host, member));
    return;
  }
}

/// All functions of the closure's groups, but for PCI bridges.
std::vector<const PciFunction*> neighbours(const Candidate& candidate) {
  std::vector<const PciFunction*> result;
  for (const std::uint32_t id : groups_of(candidate.host(), candidate.closure())) {
    const IommuGroup* group = find_group(candidate.host(), id);
    if (!group) continue;
    for (const PciAddress address : group->members) {
      const PciFunction* member = find_function(candidate.host(), address);
      if (member && !(member->class_code && is_bridge_class(*member->class_code))) result.push_back(member);
    }
  }
  return result;
}

/// A driver that does not know of VFIO on any member keeps the kernel from giving the group to a guest. PCI
/// bridges and their pcieport are the exception.
void shares_group(Candidate& candidate) {
  for (const PciFunction* stranger : neighbours(candidate)) {
    if (candidate.goes_along(*stranger) || stranger->driver.absent() || on_vfio(*stranger)) continue;
    const std::string what = fmt::format("{} shares its IOMMU group", device_text(*stranger));
    if (!stranger->driver)
      candidate.unknown("group.foreign-member", fmt::format("{}: {}", what, why_unknown(stranger->driver)));
    else if (is_gpu(*stranger))
      candidate.fail(
          "group.foreign-member", what,
          fmt::format("name {} as well: the two can only move together", stranger->address.to_string()));
    else if (is_bridge(*stranger))
      candidate.fail("group.foreign-member", what, "put the card into another slot, one whose port has ACS");
    else
      candidate.protect(stranger->address, "group.foreign-member", what,
                        "put the card into another slot, one whose port has ACS");
  }
}

/// Firmware reserves memory for the device, at addresses that a guest uses itself, so the kernel refuses. It
/// can ignore those for graphics and USB, which it calls "direct-relaxable".
void has_reserved_memory(Candidate& candidate) {
  for (const std::uint32_t id : groups_of(candidate.host(), candidate.closure())) {
    const IommuGroup* group = find_group(candidate.host(), id);
    if (!group) continue;
    for (const std::string& region : group->reserved_regions)
      if (region.ends_with(" direct"))
        return candidate.fail(
            "group.reserved-memory",
            fmt::format("the firmware reserves memory for IOMMU group {} ({})", id,
                        region.substr(0, region.rfind(' '))),
            "look in the firmware's setup for what claims it (RMRR): the kernel does not give such a "
            "device away");
  }
}

}  // namespace

void guard_group(Candidate& candidate) {
  has_no_group(candidate);
  shares_group(candidate);
  has_reserved_memory(candidate);
}

}  // namespace gpupass
