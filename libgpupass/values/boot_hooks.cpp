// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "gpupass/boot.hpp"

namespace gpupass {

std::vector<std::string> boot_hook_paths(BootTool tool) {
  if (tool == BootTool::Dracut)
    return {"/usr/lib/dracut/modules.d/90gpupass/gpupass.sh",
            "/usr/lib/dracut/modules.d/90gpupass/module-setup.sh", "/usr/share/gpupass/boot/entries.sh"};
  return {"/usr/share/gpupass/boot/entries.sh", "/usr/share/initramfs-tools/hooks/gpupass",
          "/usr/share/initramfs-tools/scripts/init-top/gpupass"};
}

bool is_boot_hook(std::string_view path) {
  for (const BootTool tool : {BootTool::InitramfsTools, BootTool::Dracut}) {
    const std::vector<std::string> paths = boot_hook_paths(tool);
    if (std::ranges::find(paths, path) != paths.end()) return true;
  }
  return false;
}

}  // namespace gpupass
