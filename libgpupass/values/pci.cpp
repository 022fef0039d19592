// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/pci.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "values/number.hpp"

namespace gpupass {

namespace {

/// A hexadecimal field of at least `digits` digits and at most `most`, without a sign or prefix.
std::optional<std::uint32_t> hex_field(std::string_view text, std::size_t digits, std::size_t most,
                                       std::uint32_t limit) {
  if (text.size() < digits || text.size() > most || text.find_first_of("xX") != text.npos)
    return std::nullopt;
  const auto value = parse_number<std::uint32_t>(text, 16);
  if (!value || *value > limit) return std::nullopt;
  return value;
}

/// "dddd:bb:dd.f" or "bb:dd.f".
std::optional<PciAddress> sysfs_address(std::string_view text) {
  PciAddress address;
  const auto dot = text.rfind('.');
  const auto last_colon = text.rfind(':');
  if (dot == text.npos || last_colon == text.npos || last_colon > dot) return std::nullopt;

  std::string_view bus = text.substr(0, last_colon);
  if (const auto first_colon = bus.find(':'); first_colon != bus.npos) {
    const auto domain = hex_field(bus.substr(0, first_colon), 4, 8, 0xffffffff);
    if (!domain) return std::nullopt;
    address.domain = *domain;
    bus.remove_prefix(first_colon + 1);
  }
  const auto bus_number = hex_field(bus, 2, 2, 0xff);
  const auto device = hex_field(text.substr(last_colon + 1, dot - last_colon - 1), 2, 2, 0x1f);
  const auto function = hex_field(text.substr(dot + 1), 1, 1, 7);
  if (!bus_number || !device || !function) return std::nullopt;
  address.bus = static_cast<std::uint8_t>(*bus_number);
  address.device = static_cast<std::uint8_t>(*device);
  address.function = static_cast<std::uint8_t>(*function);
  return address;
}

/// libvirt's name of a node device, "pci_0000_65_00_0", as sysfs writes that address.
std::string as_sysfs_writes(std::string_view node_device) {
  std::string address(node_device.substr(4));
  if (const auto last = address.rfind('_'); last != address.npos) address[last] = '.';
  std::ranges::replace(address, '_', ':');
  return address;
}

}  // namespace

std::optional<PciAddress> PciAddress::parse(std::string_view text) {
  return text.starts_with("pci_") ? sysfs_address(as_sysfs_writes(text)) : sysfs_address(text);
}

std::string PciAddress::to_string() const {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, bus, device, function);
}

bool PciAddress::same_slot(const PciAddress& other) const {
  return domain == other.domain && bus == other.bus && device == other.device;
}

bool is_gpu_class(std::uint32_t class_code) {
  const auto base = class_code >> 16;
  return base == 0x03 || base == 0x12;
}

bool is_bridge_class(std::uint32_t class_code) {
  const auto type = class_code >> 8;
  return type == 0x0604 || type == 0x0609;
}

}  // namespace gpupass
