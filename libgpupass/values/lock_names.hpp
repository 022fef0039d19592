// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/device.hpp"

/// What System::lock() calls a device, a guest and a service.
namespace gpupass {

inline std::string lock_of_boot() {
  return "boot";
}

/// Of the kernel's consoles and of what they are drawn on.
inline std::string lock_of_console() {
  return "console";
}

/// Of the tunables of the running host.
inline std::string lock_of_tuning() {
  return "tuning";
}

inline std::string lock_of_device(DeviceId device) {
  return device.to_string();
}

inline constexpr std::string_view kGuestLock = "guest-";
inline std::string lock_of_guest(const std::string& name) {
  return std::string(kGuestLock) + name;
}

inline constexpr std::string_view kServiceLock = "service-";
inline std::string lock_of_service(const std::string& unit) {
  return std::string(kServiceLock) + unit;
}

/// The device, guest or service that a lock is for.
inline std::string name_in_lock(std::string_view lock) {
  for (const std::string_view kind : {kGuestLock, kServiceLock})
    if (lock.starts_with(kind)) return std::string(lock.substr(kind.size()));
  return std::string(lock);
}

}  // namespace gpupass
