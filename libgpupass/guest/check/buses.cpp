// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "guest/check/check_domain.hpp"
#include "guest/model/domain_xml.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

constexpr unsigned kBuses = 256;

/// One PCI controller of the guest. Its index is what <address bus='...'/> of those below it says.
struct Bridge {
  unsigned index = 0;
  std::optional<unsigned> parent;  ///< Not given: libvirt puts it onto the root bus.
  bool root = false;
  bool expander = false;
  std::optional<unsigned> bus_number;  ///< Of an expander; not given: libvirt chooses.
  std::optional<unsigned> cell;        ///< The guest's cell that an expander belongs to.
};

std::optional<unsigned> number_in(pugi::xml_attribute attribute) {
  return attribute ? parse_any_base(attribute.value()) : std::nullopt;
}

/// The controller that a device of the guest is behind.
std::optional<unsigned> controller_above(pugi::xml_node device) {
  const pugi::xml_node address = device.child("address");
  if (std::string_view(address.attribute("type").value()) != "pci") return std::nullopt;
  return number_in(address.attribute("bus"));
}

/// The tree of the guest's PCI controllers.
class Tree {
 public:
  explicit Tree(pugi::xml_node devices) {
    for (const pugi::xml_node controller : devices.children("controller"))
      if (std::string_view(controller.attribute("type").value()) == "pci") add(controller);
    std::ranges::sort(expanders_, {}, [](const Bridge* bridge) { return bridge->bus_number.value_or(0); });
    for (const auto& [index, bridge] : bridges_)
      if (!bridge.root && !bridge.expander) ++below_[expander_above(index)];
  }

  /// Those whose bus number is given, ascending by it.
  const std::vector<const Bridge*>& expanders() const { return expanders_; }
  /// How many bridges are below an expander; nullptr: below the root bus.
  unsigned below(const Bridge* expander) const {
    const auto found = below_.find(expander);
    return found != below_.end() ? found->second : 0;
  }
  /// nullptr: the controller hangs from the root bus.
  const Bridge* expander_above(unsigned index);

 private:
  void add(pugi::xml_node controller);

  std::map<unsigned, Bridge> bridges_;
  std::vector<const Bridge*> expanders_;
  std::map<const Bridge*, unsigned> below_;
  std::map<unsigned, const Bridge*> known_;  // Answers of expander_above().
};

void Tree::add(pugi::xml_node controller) {
  Bridge bridge;
  const std::string_view model = controller.attribute("model").value();
  const auto index = number_in(controller.attribute("index"));
  // libvirt gives those without an index one that is free; nothing can be said to be below them.
  bridge.index = index.value_or(kBuses + static_cast<unsigned>(bridges_.size()));
  bridge.parent = controller_above(controller);
  bridge.root = model == "pcie-root" || model == "pci-root";
  bridge.expander = model == "pcie-expander-bus" || model == "pci-expander-bus";
  bridge.bus_number = number_in(controller.child("target").attribute("busNr"));
  if (bridge.bus_number >= kBuses) bridge.bus_number.reset();  // No bus; libvirt says so itself.
  const pugi::xml_node node = controller.child("target").child("node");
  if (node) bridge.cell = parse_any_base(node.child_value());
  const auto [place, is_new] = bridges_.emplace(bridge.index, bridge);
  if (is_new && bridge.expander && bridge.bus_number) expanders_.push_back(&place->second);
}

const Bridge* Tree::expander_above(unsigned index) {
  const Bridge* answer = nullptr;
  std::vector<unsigned> path;
  for (std::optional<unsigned> at = index; at;) {
    // The answer for the whole path, once known, is nobody's work again; a circle ends at itself.
    const auto [known, is_new] = known_.try_emplace(*at, nullptr);
    if (!is_new) {
      answer = known->second;
      break;
    }
    path.push_back(*at);
    const auto bridge = bridges_.find(*at);
    if (bridge == bridges_.end() || bridge->second.root) break;
    if (bridge->second.expander) {
      answer = &bridge->second;
      break;
    }
    at = bridge->second.parent;
  }
  for (const unsigned passed : path) known_[passed] = answer;
  return answer;
}

constexpr auto kApart = "give the expanders bus numbers that leave room for a bus for each port below them";

void check_numbers(DomainCheck& check, const Tree& tree) {
  const auto& expanders = tree.expanders();
  if (expanders.empty()) return;
  if (const unsigned last = tree.below(nullptr), first = *expanders.front()->bus_number; last >= first)
    check.fail("domain.bus-narrow",
               fmt::format("the {} bridges below the root bus take the buses up to {}, but the expander with "
                           "index {} begins at {}",
                           last, last, expanders.front()->index, first),
               kApart);
  for (std::size_t i = 0; i < expanders.size(); ++i) {
    const Bridge& one = *expanders[i];
    const unsigned number = *one.bus_number;
    const unsigned end = i + 1 < expanders.size() ? *expanders[i + 1]->bus_number : kBuses;
    if (number == end)
      check.fail("domain.bus-clash",
                 fmt::format("the expanders with index {} and {} have the same bus number, {}", one.index,
                             expanders[i + 1]->index, number),
                 kApart);
    else if (const unsigned last = number + tree.below(&one); last >= end)
      check.fail("domain.bus-narrow",
                 fmt::format("the expander with index {} has bus number {} and {} bridges below it, which "
                             "take the buses up to {}; it has those below {}",
                             one.index, number, last - number, last, end),
                 kApart);
  }
}

/// A GPU's memory accesses should not cross to another node than the guest is told.
void check_node(DomainCheck& check, const Bridge& expander, PciAddress address) {
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
  Tree tree(check.devices());
  check_numbers(check, tree);
  for (const pugi::xml_node device : check.devices().children())
    if (const auto address = claimed_address(device))
      if (const auto index = controller_above(device))
        if (const Bridge* expander = tree.expander_above(*index)) check_node(check, *expander, *address);
}

}  // namespace gpupass
