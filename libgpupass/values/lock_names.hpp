// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/pci.hpp"

/// What System::lock() calls a device, a guest and a service.
namespace gpupass {

inline std::string lock_of_boot() {
  return "boot";
}

inline std::string lock_of_device(PciAddress device) {
  return device.to_string();
}

inline std::string lock_of_guest(const std::string& name) {
  return "guest-" + name;
}

inline std::string lock_of_service(const std::string& unit) {
  return "service-" + unit;
}

}  // namespace gpupass
