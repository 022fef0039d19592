// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gpupass/pci.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// Something that can be given to a guest: a PCI function, or a mediated device, which is a slice of one.
/// A plain value: cheap to copy, usable as a map key. PCI functions come first, in bus order.
class DeviceId {
 public:
  /// The function 0000:00:00.0.
  DeviceId() = default;
  /// Implicit: every PCI function is a device.
  DeviceId(PciAddress function) : id_(function) {}

  /// Reads a PCI address as PciAddress::parse() does, or a mediated device's UUID,
  /// "c73f1fa6-489e-4834-9476-d70dabd98c40", hexadecimal in either case.
  /// @returns nullopt when `text` is anything else.
  static std::optional<DeviceId> parse(std::string_view text);
  /// The form that sysfs and libvirt use, in lower case. Parsing it gives back an equal value.
  std::string to_string() const;

  /// @returns the PCI function; nullopt when this is a mediated device.
  std::optional<PciAddress> function() const;
  bool is_mediated() const { return !function(); }

  friend auto operator<=>(const DeviceId&, const DeviceId&) = default;

 private:
  using Uuid = std::array<std::uint8_t, 16>;
  std::variant<PciAddress, Uuid> id_;
};

}  // namespace gpupass
#pragma GCC visibility pop
