// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/buses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "guest/check/domain_check.hpp"
#include "guest/model/domain_xml.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

constexpr unsigned kBusNumbers = 256;

/// The expanders whose bus numbers are given, and how many bridges are below each.
class Expanders {
 public:
  explicit Expanders(const GuestBuses& buses) {
    for (const GuestBus& bus : buses.all()) {
      if (bus.has_index && buses.find(bus.index) != &bus) continue;  // libvirt refuses a second one.
      if (is_expander(bus) && bus.number) sorted_.push_back(&bus);
      if (!is_expander(bus) && !is_root(bus)) ++below_[buses.expander_above(bus)];
    }
    std::ranges::sort(sorted_, {}, [](const GuestBus* bus) { return bus->number; });
  }

  /// Ascending by bus number.
  const std::vector<const GuestBus*>& sorted() const { return sorted_; }
  /// How many bridges are below an expander; nullptr: below the root bus.
  unsigned below(const GuestBus* expander) const {
    const auto found = below_.find(expander);
    return found != below_.end() ? found->second : 0;
  }

 private:
  std::vector<const GuestBus*> sorted_;
  std::map<const GuestBus*, unsigned> below_;
};

constexpr auto kApart = "give the expanders bus numbers with room for one bus for each port below them";

void check_numbers(DomainCheck& check, const Expanders& all) {
  const auto& expanders = all.sorted();
  if (expanders.empty()) return;
  if (const unsigned last = all.below(nullptr), first = *expanders.front()->number; last >= first)
    check.fail("domain.bus-narrow",
               fmt::format("the {} bridges below the root bus take the buses up to {}, but the expander with "
                           "index {} begins at {}",
                           last, last, expanders.front()->index, first),
               kApart);
  for (std::size_t i = 0; i < expanders.size(); ++i) {
    const GuestBus& one = *expanders[i];
    const unsigned number = *one.number;
    const unsigned end = i + 1 < expanders.size() ? *expanders[i + 1]->number : kBusNumbers;
    if (number == end)
      check.fail("domain.bus-clash",
                 fmt::format("the expanders with index {} and {} have the same bus number, {}", one.index,
                             expanders[i + 1]->index, number),
                 kApart);
    else if (const unsigned last = number + all.below(&one); last >= end)
      check.fail("domain.bus-narrow",
                 fmt::format("the expander with index {} has bus number {} and {} bridges below it, which "
                             "take the buses up to {}; the next expander begins at {}",
                             one.index, number, last - number, last, end),
                 kApart);
  }
}

/// A GPU should access the node that the guest believes it to be near.
void check_node(DomainCheck& check, const GuestBus& expander, PciAddress address) {
  const PciFunction* gpu = find_function(check.host(), address);
  if (!gpu || !is_gpu(*gpu) || !expander.cell) return;
  const Fact<int> node = nearest_numa_node(check.host(), *gpu);
  const auto backing = check.backing_of(*expander.cell);
  if (!node || *node < 0 || !backing || backing->contains(static_cast<unsigned>(*node))) return;
  check.add(
      "domain.wrong-node", Verdict::Fail, address.to_string(),
      fmt::format("{} is on node {}, but its expander, with index {}, belongs to the guest's cell {}, whose "
                  "memory is from node {}",
                  address.to_string(), *node, expander.index, *expander.cell, backing->to_string()),
      "put it below an expander of a cell that has its memory from the GPU's node");
}

}  // namespace

void check_buses(DomainCheck& check) {
  const GuestBuses buses(check.domain());
  check_numbers(check, Expanders(buses));
  for (const pugi::xml_node device : check.devices().children()) {
    const auto claimed = claimed_device(device);
    const auto function = claimed ? claimed->function() : std::nullopt;
    const auto bus = function ? bus_above(device) : std::nullopt;
    if (const GuestBus* expander = bus ? buses.expander_above(*bus) : nullptr)
      check_node(check, *expander, *function);
  }
}

}  // namespace gpupass
