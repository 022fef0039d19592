// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/persistence.hpp"

#include <algorithm>

namespace gpupass {

void read_persistence(const System& system, Limits& limits, const std::set<PciAddress>& gpus,
                      std::vector<PciFunction>& functions) {
  std::vector<PciAddress> asked;
  for (PciFunction& function : functions) {
    if (!gpus.contains(function.address)) continue;
    function.persistence = Absent{};
    if (function.driver && *function.driver == "nvidia") asked.push_back(function.address);
  }
  if (asked.empty()) return;
  const auto modes = system.ask(PersistenceQuestion{asked});
  for (PciFunction& function : functions) {
    if (!std::ranges::binary_search(asked, function.address)) continue;
    function.persistence = modes.without_value<bool>();
    for (const PersistenceMode& mode : modes.value_or({}))
      if (mode.device == function.address) function.persistence = mode.on;
    if (function.persistence.unknown())
      limits.add("persistence mode", function.address.to_string(), function.persistence.why());
  }
}

}  // namespace gpupass
