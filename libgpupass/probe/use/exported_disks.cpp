// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/exported_disks.hpp"

#include <fmt/format.h>

#include "probe/use/disk_nodes.hpp"

namespace gpupass {

std::set<std::string> exported_disks(const System& system) {
  std::set<std::string> disks;
  for (const std::string& subsystem : system.list(kNvmetFolder).value_or({})) {
    const std::string folder = fmt::format("{}/{}/namespaces", kNvmetFolder, subsystem);
    for (const std::string& space : system.list(folder).value_or({})) {
      const std::string path = folder + '/' + space;
      const std::string node = system.read(path + "/device_path").value_or("");
      if (node.starts_with("/dev/") && system.read(path + "/enable").value_or("1") != "0")
        disks.insert(disk_of_node(system, node).value_or(""));
    }
  }
  return disks;
}

}  // namespace gpupass
