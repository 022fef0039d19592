// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gpupass {

/// Where an administrator's rules of udev are; the first comes first: udev(7).
inline constexpr std::array<std::string_view, 2> kUdevFolders = {"/etc/udev/rules.d", "/run/udev/rules.d"};

/// What a rule gives to a driver.
struct UdevOverride {
  std::string device;  ///< An address, or ids, "1002:731f".
  std::string driver;
};
/// The rules that set a driver override of one device, or of all with some ids, in each line of which all
/// conditions stand together.
std::vector<UdevOverride> overrides_of_udev(std::string_view text);

/// The same rules, with nothing else in them.
std::string override_lines(std::string_view text);

}  // namespace gpupass
