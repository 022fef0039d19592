// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/homes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/home_file.hpp"
#include "gpupass/error.hpp"

namespace gpupass {

Fact<std::vector<Home>> read_homes(const System& system, Limits& limits) {
  const std::string folder(kHomeFolder);
  const auto names = system.list(folder);
  if (names.unknown()) {
    limits.add("homes", names.why());
    return Unknown{names.why()};
  }
  std::vector<Home> homes;
  for (const std::string& name : names.value_or({})) {
    const auto address = PciAddress::parse(name);
    if (!address || address->to_string() != name) {
      limits.add("homes", fmt::format("{}: saw {}, expected a PCI address", folder, shown(name)));
      continue;
    }
    const Fact<std::string> content = system.read(home_path(*address));
    if (content.unknown()) limits.add("home", name, content.why());
    if (!content) continue;
    try {
      homes.push_back(parse_home_file(*address, *content));
    } catch (const Error& error) {
      limits.add("home", name, error.what());
    }
  }
  std::ranges::sort(homes, {}, &Home::address);
  return homes;
}

}  // namespace gpupass
