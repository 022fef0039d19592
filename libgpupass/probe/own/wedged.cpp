// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/wedged.hpp"

#include <algorithm>

#include "codec/wedged_file.hpp"
#include "system/stuck.hpp"

namespace gpupass {

Fact<std::vector<PciAddress>> read_wedged(const System& system, Limits& limits) {
  const auto names = system.list(kWedgedFolder);
  if (names.unknown()) {
    limits.add("wedged devices", names.why());
    return Unknown{names.why()};
  }
  std::vector<PciAddress> wedged;
  for (const std::string& name : names.value_or({}))
    if (const auto address = PciAddress::parse(name); address && is_stuck(system, *address))
      wedged.push_back(*address);
  std::ranges::sort(wedged);
  return wedged;
}

}  // namespace gpupass
