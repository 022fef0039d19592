// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <optional>

#include "probe/pci/attributes.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

void explain_absent_resets(const System& system, std::vector<PciFunction>& functions, Limits& limits) {
  std::optional<bool> kernel_tells;
  for (PciFunction& function : functions) {
    if (!function.reset_methods.absent()) continue;
    if (!kernel_tells)
      kernel_tells = std::ranges::any_of(functions, [&](const PciFunction& other) {
        return system.read(sysfs_path(other.address, "reset_method")).known();
      });
    if (*kernel_tells) {
      function.reset_methods = std::vector<std::string>();
      continue;
    }
    const Folder folder(system, limits, sysfs_folder(function.address), function.address.to_string());
    function.reset_methods = folder.unknown("reset_method", "does not exist");
  }
}

}  // namespace gpupass
