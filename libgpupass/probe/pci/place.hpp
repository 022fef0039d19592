// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"

namespace gpupass {

/// Where a function hangs, as its folder's path in /sys/devices tells:
/// "../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0".
struct PciPlace {
  std::string root_bus;  ///< "pci0000:00"; the last one, as Intel VMD nests a domain below a function.
  std::vector<PciAddress> bridges;  ///< From the root port down to the parent. Empty: it is on the root bus.
  PciAddress address;               ///< The function itself.
  friend bool operator==(const PciPlace&, const PciPlace&) = default;
};

/// @returns nullopt when the path leads to no PCI function, or contradicts itself.
std::optional<PciPlace> parse_place(std::string_view target);

}  // namespace gpupass
