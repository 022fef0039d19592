// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/mig.hpp"

#include <algorithm>

#include "values/card.hpp"

namespace gpupass {

namespace {

const Unknown kNotCaptured{"a captured machine does not tell it"};

bool may_have_mig(const PciFunction& function) {
  return function.driver && *function.driver == "nvidia" && !is_virtual(function);
}

}  // namespace

void forget_mig(PciFunction& function) {
  if (function.mig.asked() && may_have_mig(function)) function.mig = kNotCaptured;
}

void read_mig(const System& system, Limits& limits, const std::set<PciAddress>& gpus,
              std::vector<PciFunction>& functions) {
  std::vector<PciAddress> asked;
  for (PciFunction& function : functions) {
    if (!gpus.contains(function.address)) continue;
    function.mig = Absent{};
    if (may_have_mig(function)) asked.push_back(function.address);
  }
  if (asked.empty()) return;
  const auto answers = system.ask(MigQuestion{asked});
  for (PciFunction& function : functions) {
    if (!std::ranges::binary_search(asked, function.address)) continue;
    function.mig = answers.absent() ? kNotCaptured : answers.without_value<Mig>();
    for (const MigOfGpu& answer : answers.value_or({}))
      if (answer.device == function.address) function.mig = answer.mig;
    if (function.mig.unknown() && !answers.absent())
      limits.add("MIG", function.address.to_string(), function.mig.why());
  }
}

}  // namespace gpupass
