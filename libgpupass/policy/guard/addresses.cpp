// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/addresses.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gpupass/units.hpp"
#include "policy/guard/candidate.hpp"
#include "policy/guard/kernel_option.hpp"
#include "values/card.hpp"

namespace gpupass {

bool lacks_addresses(const Bar& bar) {
  constexpr unsigned kRom = 6;
  return bar.memory && bar.start == 0 && bar.index != kRom;
}

namespace {

bool reallocates(const Host& host) {
  const auto parts = pci_options(host);
  const auto reallocs = [](const std::string& part) { return part.starts_with("realloc"); };
  return std::ranges::any_of(parts, reallocs) && std::ranges::find(parts, "realloc=off") == parts.end();
}

}  // namespace

/// Without addresses the memory of a card answers nobody, neither a driver nor a guest. That of a virtual
/// function is a part of its physical function's.
void guard_addresses(Candidate& candidate) {
  const PciFunction& gpu = candidate.gpu();
  if (!gpu.bars || is_virtual(gpu)) return;
  std::vector<std::string> lacking;
  for (const Bar& bar : *gpu.bars)
    if (lacks_addresses(bar))
      lacking.push_back(fmt::format("BAR {} of {}", bar.index, format_size(bar.size_bytes)));
  if (lacking.empty()) return;
  candidate.fail(
      "gpu.no-addresses",
      fmt::format("the firmware found no addresses for memory of {} ({}): no driver and no guest can "
                  "use it",
                  gpu.address.to_string(), fmt::join(lacking, ", ")),
      std::string("switch Above 4G Decoding on in the firmware's setup, and CSM off") +
          (reallocates(candidate.host())
               ? ""
               : ", or " + boot_with(candidate.host(), "pci=realloc", "gpu.no-addresses")));
}

}  // namespace gpupass
