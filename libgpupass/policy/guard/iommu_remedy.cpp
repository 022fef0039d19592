// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/iommu_remedy.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "policy/guard/kernel_option.hpp"

namespace gpupass {

namespace {

/// The first of these options that the kernel has. Empty: none.
std::string option_among(const Host& host, std::initializer_list<std::string_view> options) {
  if (!host.iommu) return {};
  for (const std::string& option : host.iommu->kernel_options)
    if (std::ranges::find(options, option) != options.end()) return option;
  return {};
}

bool has_table(const Host& host, const char* table) {
  return host.iommu &&
         std::ranges::find(host.iommu->firmware_tables, table) != host.iommu->firmware_tables.end();
}

/// Intel's 5500, 5520 and X58 lose interrupts that are remapped, so the kernel does not remap them:
/// intel_remapping_check() of arch/x86/kernel/early-quirks.c, for revisions up to 0x13 and for 0x22 of the
/// second.
bool loses_remapped_interrupts(const Host& host) {
  constexpr std::array<std::uint16_t, 3> kHostBridges = {0x3403, 0x3405, 0x3406};
  const PciFunction* bridge = find_function(host, PciAddress());
  return bridge && bridge->vendor && *bridge->vendor == 0x8086 && bridge->device &&
         std::ranges::find(kHostBridges, *bridge->device) != kHostBridges.end();
}

}  // namespace

std::string iommu_remedy(const Host& host) {
  const std::string off = option_among(host, {"iommu=off", "intel_iommu=off", "amd_iommu=off"});
  if (!off.empty()) return boot_without(host, off);
  if (has_table(host, "DMAR"))
    return boot_with(host, "intel_iommu=on") +
           "; where that does not help, switch VT-d on in the firmware's setup";
  if (has_table(host, "IVRS"))
    return "switch the IOMMU (AMD-Vi) on in the firmware's setup, not Auto; the kernel's log says why it did "
           "not start it: journalctl -k --grep AMD-Vi";
  if (host.iommu && !host.iommu->firmware_tables.empty())
    return "the kernel's log says why it did not start it: journalctl -k --grep iommu";
  return "switch VT-d, AMD-Vi or the SMMU on in the firmware's setup: the firmware describes none now. A "
         "processor or a virtual machine without one cannot give devices away";
}

std::string remapping_remedy(const Host& host) {
  const std::string off = option_among(host, {"intremap=off", "nointremap"});
  if (!off.empty()) return boot_without(host, off);
  if (loses_remapped_interrupts(host))
    return "the kernel keeps it off on this chip set (Intel 5500, 5520, X58), which loses interrupts with "
           "it, and no setup of the firmware changes that: use another board, or, if every guest is "
           "trusted, " +
           boot_with(host, "vfio_iommu_type1.allow_unsafe_interrupts=1");
  if (has_table(host, "IVRS"))
    return "switch the IOMMU and x2APIC on in the firmware's setup, and update it; where the kernel's log "
           "says that an IOAPIC is not in the IVRS table, boot with ivrs_ioapic as it says";
  return "switch interrupt remapping on in the firmware's setup, or x2apic";
}

}  // namespace gpupass
