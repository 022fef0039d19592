// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/disk_nodes.hpp"

#include "probe/pci/function_above.hpp"

namespace gpupass {

std::optional<std::string> disk_of_node(const System& system, const std::string& node) {
  if (const Fact<std::string> target = system.link(node)) return last_name(*target);
  if (node.find('/', std::string_view("/dev/").size()) == node.npos) return last_name(node);
  return std::nullopt;
}

}  // namespace gpupass
