// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "apply/perform.hpp"

namespace gpupass {

/// There is no reading back: what drivers a module brings it does not say. The steps that need one find out.
void perform(Access& access, const LoadModule& change) {
  std::string module = change.module, driver = change.module;
  std::ranges::replace(module, '-', '_');  // The kernel's spelling of modules,
  std::ranges::replace(driver, '_', '-');  // and that of most drivers, which may be built in.
  for (const std::string& folder : {"/sys/module/" + module, "/sys/bus/pci/drivers/" + driver})
    if (access.look().list(folder)) return;
  access.load_module(change.module);
}

}  // namespace gpupass
