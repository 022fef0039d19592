// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/buses.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "guest/model/domain_xml.hpp"

namespace gpupass {

namespace {

constexpr unsigned kBuses = 256;

bool is_bus(pugi::xml_node device) {
  return std::string_view(device.name()) == "controller" &&
         std::string_view(device.attribute("type").value()) == "pci";
}

std::optional<unsigned> number_in(pugi::xml_attribute attribute) {
  return attribute ? parse_any_base(attribute.value()) : std::nullopt;
}

GuestBus bus_from(pugi::xml_node controller) {
  GuestBus bus;
  bus.model = controller.attribute("model").value();
  bus.parent = bus_above(controller);
  bus.controller = controller;
  const pugi::xml_node target = controller.child("target");
  bus.number = number_in(target.attribute("busNr"));
  if (bus.number >= kBuses) bus.number.reset();  // No bus; libvirt says so itself.
  bus.cell = parse_any_base(target.child_value("node"));
  return bus;
}

}  // namespace

std::optional<unsigned> bus_above(pugi::xml_node device) {
  const pugi::xml_node address = device.child("address");
  return is_pci(address) ? number_in(address.attribute("bus")) : std::nullopt;
}

bool is_root(const GuestBus& bus) {
  return bus.model == "pcie-root" || bus.model == "pci-root";
}

bool is_expander(const GuestBus& bus) {
  return is_express_expander(bus) || bus.model == "pci-expander-bus";
}

bool is_express_expander(const GuestBus& bus) {
  return bus.model == "pcie-expander-bus";
}

bool is_root_port(const GuestBus& bus) {
  return bus.model == "pcie-root-port";
}

// --- the tree ---

GuestBuses::GuestBuses(pugi::xml_node domain) {
  std::set<unsigned> taken;
  unsigned without_index = kBuses;  // Nothing can be said to be below these.
  for (const pugi::xml_node device : domain.child("devices").children()) {
    if (const auto bus = bus_above(device)) {
      taken.insert(*bus);
      highest_ = std::max(highest_, *bus);
    }
    if (!is_bus(device)) continue;
    GuestBus bus = bus_from(device);
    const auto index = number_in(device.attribute("index"));
    bus.has_index = index.has_value();
    bus.index = index ? *index : without_index++;
    if (index) highest_ = std::max(highest_, *index);
    if (index) positions_.emplace(*index, buses_.size());
    buses_.push_back(std::move(bus));
  }
  for (GuestBus& bus : buses_) bus.free = bus.has_index && !taken.contains(bus.index);
  find_expanders();
}

/// Walks up from each bus, once over each part of the way. A definition may claim a circle, which ends at
/// itself.
void GuestBuses::find_expanders() {
  for (const GuestBus& bus : buses_) {
    std::vector<unsigned> way;
    std::optional<std::size_t> answer;
    for (std::optional<unsigned> at = bus.has_index ? std::optional(bus.index) : bus.parent; at;) {
      const auto [known, is_new] = expanders_.try_emplace(*at, std::nullopt);
      if (!is_new) {
        answer = known->second;
        break;
      }
      way.push_back(*at);
      const auto position = positions_.find(*at);
      if (position == positions_.end()) break;
      const GuestBus& here = buses_[position->second];
      if (is_expander(here)) answer = position->second;
      at = answer || is_root(here) ? std::nullopt : here.parent;
    }
    for (const unsigned passed : way) expanders_[passed] = answer;
  }
}

const GuestBus* GuestBuses::find(unsigned index) const {
  const auto position = positions_.find(index);
  return position != positions_.end() ? &buses_[position->second] : nullptr;
}

const GuestBus* GuestBuses::expander_above(unsigned index) const {
  const auto known = expanders_.find(index);
  return known != expanders_.end() && known->second ? &buses_[*known->second] : nullptr;
}

const GuestBus* GuestBuses::expander_above(const GuestBus& bus) const {
  if (bus.has_index) return expander_above(bus.index);
  return bus.parent ? expander_above(*bus.parent) : nullptr;
}

std::optional<unsigned> GuestBuses::next_index() const {
  return highest_ < kBuses - 1 ? std::optional(highest_ + 1) : std::nullopt;
}

bool GuestBuses::express() const {
  return std::ranges::any_of(buses_, [](const GuestBus& bus) {
    return bus.model.starts_with("pcie-root") || bus.model == "pcie-switch-downstream-port";
  });
}

bool is_q35(pugi::xml_node domain) {
  const std::string_view machine = domain.child("os").child("type").attribute("machine").value();
  return machine.find("q35") != machine.npos;
}

bool is_express(pugi::xml_node domain) {
  return is_q35(domain) || GuestBuses(domain).express();
}

// --- addresses ---

std::optional<PciAddress> guest_address(pugi::xml_node device) {
  const pugi::xml_node address = device.child("address");
  if (!is_pci(address) || !address.attribute("bus")) return std::nullopt;
  return pci_address_of(address);
}

pugi::xml_node device_at(pugi::xml_node devices, PciAddress guest) {
  return devices.find_child([&](pugi::xml_node device) { return guest_address(device) == guest; });
}

}  // namespace gpupass
