// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/wedged.hpp"

#include <algorithm>

#include "codec/wedged_file.hpp"

namespace gpupass {

std::vector<PciAddress> read_wedged(const System& system) {
  std::vector<PciAddress> wedged;
  for (const std::string& name : system.list(std::string(kWedgedFolder)).value_or({}))
    if (const auto address = PciAddress::parse(name)) wedged.push_back(*address);
  std::ranges::sort(wedged);
  return wedged;
}

}  // namespace gpupass
