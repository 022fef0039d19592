// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/pci.hpp"

namespace gpupass {

/// The folder in which sysfs has all PCI functions.
inline constexpr std::string_view kSysfsDevices = "/sys/bus/pci/devices";

/// The folder of a function in sysfs: "/sys/bus/pci/devices/0000:65:00.0".
inline std::string sysfs_folder(PciAddress address) {
  return std::string(kSysfsDevices).append("/").append(address.to_string());
}

/// One of its attributes or links.
inline std::string sysfs_path(PciAddress address, std::string_view name) {
  return sysfs_folder(address).append("/").append(name);
}

}  // namespace gpupass
