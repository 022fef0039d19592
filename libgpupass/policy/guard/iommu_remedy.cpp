// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/iommu_remedy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <ranges>
#include <string_view>

#include "policy/guard/kernel_option.hpp"
#include "values/card.hpp"

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

/// What the options say of the IOMMU, each empty if none does.
struct Words {
  std::string off, on;
};

/// Each is a list, as "intel_iommu=on,sm_on". Of Intel's words the last one counts; no later option takes
/// back another "off". iommu_setup() of arch/x86/kernel/pci-dma.c, intel_iommu_setup() and
/// parse_amd_iommu_options() of drivers/iommu.
Words words_about_iommu(const Host& host) {
  Words words;
  if (!host.iommu) return words;
  for (const std::string& option : host.iommu->kernel_options) {
    const std::size_t end = option.find('=');
    const std::string key = option.substr(0, end);
    const bool of_intel = key == "intel_iommu";
    if (end == option.npos || (!of_intel && key != "iommu" && key != "amd_iommu")) continue;
    for (const auto part : std::views::split(std::string_view(option).substr(end + 1), ',')) {
      const std::string_view word(part.begin(), part.end());
      if (word == "off") words.off = option;
      if (word == "on" && of_intel) words = {words.off.starts_with("intel_") ? "" : words.off, option};
    }
  }
  return words;
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

/// What the makers of the processor call it, where the host bridge tells who they are.
std::string name_in_firmware(const Host& host) {
  const PciFunction* bridge = find_function(host, PciAddress());
  if (!bridge || !bridge->vendor) return "VT-d, AMD-Vi or the SMMU";
  switch (*bridge->vendor) {
    case 0x1022:
    case 0x1d94:
      return "the IOMMU (AMD-Vi)";
    case 0x8086:
    case 0x1d17:
      return "VT-d";
    default:
      return "VT-d, AMD-Vi or the SMMU";
  }
}

}  // namespace

bool option_switches_iommu_on(const Host& host) {
  const auto [off, on] = words_about_iommu(host);
  return off.empty() && on.empty() && !has_table(host, "Xen") && has_table(host, "DMAR");
}

std::string iommu_remedy(const Host& host) {
  const auto [off, on] = words_about_iommu(host);
  if (!off.empty()) return boot_without(host, off);
  if (has_table(host, "Xen"))
    return "Xen has the IOMMU, and gives devices away itself (xl pci-attach): start this kernel without Xen";
  if (has_table(host, "DMAR") && !on.empty())
    return "the kernel has intel_iommu=on, and its log says why it did not start it: journalctl -k --grep "
           "DMAR; "
           "look whether VT-d is on in the firmware's setup";
  if (has_table(host, "DMAR"))
    return boot_with(host, "intel_iommu=on", "iommu.disabled") +
           "; where that does not help, switch VT-d on in the firmware's setup";
  if (has_table(host, "IVRS"))
    return "switch the IOMMU (AMD-Vi) on in the firmware's setup, not Auto; the kernel's log says why it did "
           "not start it: journalctl -k --grep AMD-Vi";
  if (has_table(host, "device tree"))
    return "the device tree of this board gives its PCI bus no IOMMU (iommu-map): one of the board's maker "
           "may; "
           "a board without an IOMMU cannot give devices away";
  if (host.iommu && !host.iommu->firmware_tables.empty())
    return "the kernel's log says why it did not start it: journalctl -k --grep iommu";
  return fmt::format(
      "switch {} on in the firmware's setup: the firmware describes none now. A processor or a virtual "
      "machine without one cannot give devices away",
      name_in_firmware(host));
}

std::string group_remedy(const Host& host, const PciFunction& function) {
  const std::string without = option_among(host, {"intel_iommu=on,igfx_off", "intel_iommu=igfx_off"});
  if (is_intel_graphics(function) && !without.empty())
    return boot_without(host, without) + ", and " + boot_with(host, "intel_iommu=on") +
           ": it leaves the graphics of the processor out";
  return "check that the IOMMU is on, in the firmware's setup and on the kernel's command line";
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
