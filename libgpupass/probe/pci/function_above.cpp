// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/function_above.hpp"

namespace gpupass {

std::optional<PciAddress> function_in(std::string_view target) {
  std::optional<PciAddress> last;
  while (!target.empty()) {
    const std::size_t slash = target.find('/');
    if (const auto address = PciAddress::parse(target.substr(0, slash))) last = address;
    target.remove_prefix(slash == target.npos ? target.size() : slash + 1);
  }
  return last;
}

std::optional<PciAddress> function_above(const System& system, const std::string& path) {
  const Fact<std::string> target = system.link(path);
  return target ? function_in(*target) : std::nullopt;
}

std::string last_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace gpupass
