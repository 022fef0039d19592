// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Read by hand: libudev knows what udev has done on the running machine, and no rules of a captured one.
#include "probe/own/udev_rules.hpp"

#include <fmt/format.h>

#include "gpupass/pci.hpp"
#include "probe/folder.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kSets = "ATTR{driver_override}=\"", kKernel = "KERNEL==\"",
                           kSlot = "ENV{PCI_SLOT_NAME}==\"", kVendor = "ATTR{vendor}==\"0x",
                           kDevice = "ATTR{device}==\"0x";

/// What stands behind the key, up to the quote. Empty: the rule has no such key.
std::string_view value_of(std::string_view rule, std::string_view key) {
  const std::size_t at = rule.find(key);
  if (at == rule.npos) return {};
  rule.remove_prefix(at + key.size());
  return rule.substr(0, rule.find('"'));
}

std::string device_of(std::string_view rule) {
  for (const std::string_view key : {kKernel, kSlot})
    if (const std::string_view name = value_of(rule, key); PciAddress::parse(name)) return std::string(name);
  const std::string_view vendor = value_of(rule, kVendor), device = value_of(rule, kDevice);
  return vendor.empty() || device.empty() ? "" : fmt::format("{}:{}", vendor, device);
}

}  // namespace

std::vector<UdevOverride> overrides_of_udev(std::string_view text) {
  std::vector<UdevOverride> overrides;
  for (const std::string_view rule : lines_of(text)) {
    if (rule.starts_with('#')) continue;
    UdevOverride found{device_of(rule), std::string(value_of(rule, kSets))};
    if (!found.device.empty() && !found.driver.empty()) overrides.push_back(std::move(found));
  }
  return overrides;
}

std::string override_lines(std::string_view text) {
  std::string lines;
  for (const auto& [device, driver] : overrides_of_udev(text)) {
    const std::size_t colon = device.find(':');
    const std::string condition = PciAddress::parse(device)
                                      ? fmt::format("{}{}\"", kKernel, device)
                                      : fmt::format("{}{}\", {}{}\"", kVendor, device.substr(0, colon),
                                                    kDevice, device.substr(colon + 1));
    lines += fmt::format("{}, {}{}\"\n", condition, kSets, driver);
  }
  return lines;
}

}  // namespace gpupass
