// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gpupass {

inline constexpr std::string_view kDevices = "/sys/bus/pci/devices/";
inline constexpr std::string_view kDrivers = "/sys/bus/pci/drivers/";
inline constexpr std::string_view kVtConsole = "/sys/class/vtconsole/vtcon1/";
inline constexpr std::string_view kPlatform = "/sys/bus/platform/";

/// A path below a folder, cut into the name there and the rest.
struct Below {
  std::string name;
  std::string rest;
};

inline std::optional<Below> below(std::string_view folder, std::string_view path) {
  if (!path.starts_with(folder)) return std::nullopt;
  path.remove_prefix(folder.size());
  const auto slash = path.find('/');
  return Below{std::string(path.substr(0, slash)),
               slash == path.npos ? std::string() : std::string(path.substr(slash + 1))};
}

}  // namespace gpupass
