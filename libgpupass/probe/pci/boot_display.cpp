// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/boot_display.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "values/sysfs.hpp"

namespace gpupass {

namespace {

bool is_boot_display(const System& system, const PciFunction& function) {
  if (!function.boot_vga.asked()) return false;  // Not a GPU.
  const std::string folder = sysfs_path(function.address, "drm");
  return std::ranges::any_of(system.list(folder).value_or({}), [&](const std::string& name) {
    return name.starts_with("card") && system.read(fmt::format("{}/{}/boot_display", folder, name)).known();
  });
}

}  // namespace

void read_boot_display(const System& system, std::vector<PciFunction>& functions) {
  const auto display = std::ranges::find_if(
      functions, [&](const PciFunction& function) { return is_boot_display(system, function); });
  if (display == functions.end()) return;
  for (PciFunction& function : functions)
    if (function.boot_vga) function.boot_vga = false;
  display->boot_vga = true;
}

}  // namespace gpupass
