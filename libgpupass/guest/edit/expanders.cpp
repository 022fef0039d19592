// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/expanders.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "guest/edit/domain.hpp"
#include "guest/edit/slots.hpp"
#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

namespace {

constexpr unsigned kBusNumbers = 256;
constexpr unsigned kFirstOfExpanders = kBusNumbers / 2;
constexpr unsigned kPortsOfExpander = 32;  // The slots of its bus.

/// For a card that is plugged in as the guest runs. QEMU's older model of a root port, ioh3420, cannot.
bool can_keep_addresses(pugi::xml_node port) {
  const char* const model = "pcie-root-port";
  return takes_hotplug(port) &&
         std::string_view(port.child("model").attribute("name").as_string(model)) == model;
}

bool stands_on(const GuestBus& bus, const GuestBus& expander) {
  return bus.parent == expander.index;
}

unsigned ports_on(const GuestBuses& buses, const GuestBus& expander) {
  return static_cast<unsigned>(
      std::ranges::count_if(buses.all(), [&](const GuestBus& bus) { return stands_on(bus, expander); }));
}

std::vector<unsigned> free_ports(const GuestBuses& buses, unsigned cell) {
  std::vector<unsigned> ports;
  for (const GuestBus& bus : buses.all()) {
    const GuestBus* expander = is_root_port(bus) && bus.free ? buses.expander_above(bus) : nullptr;
    if (expander && expander->cell == cell) ports.push_back(bus.index);
  }
  std::ranges::sort(ports);
  return ports;
}

/// The bus numbers from an expander's own to that of the next one above: one for itself, one behind each
/// port. libvirt's own choice leaves room for a single port.
bool has_room(const GuestBuses& buses, const GuestBus& expander, unsigned more) {
  unsigned end = kBusNumbers;
  for (const GuestBus& other : buses.all())
    if (other.number && *other.number > *expander.number) end = std::min(end, *other.number);
  const unsigned ports = ports_on(buses, expander) + more;
  return ports <= kPortsOfExpander && ports < end - *expander.number;
}

/// Ports to be made, and the expander they stand on.
struct NewPorts {
  unsigned cell = 0;
  unsigned ports = 0;
  std::optional<unsigned> expander;  ///< Its index; none: a new one.
};

std::vector<NewPorts> new_ports(const GuestBuses& buses, const std::vector<unsigned>& cards_of_cell) {
  std::vector<NewPorts> all;
  for (unsigned cell = 0; cell < cards_of_cell.size(); ++cell) {
    const auto is_of_cell = [&](const GuestBus& bus) { return is_express_expander(bus) && bus.cell == cell; };
    const bool needed = cards_of_cell[cell] > 0 ||
                        (cards_of_cell.size() > 1 && std::ranges::none_of(buses.all(), is_of_cell));
    const std::size_t present = free_ports(buses, cell).size();
    if (!needed || present > cards_of_cell[cell]) continue;
    NewPorts more{cell, static_cast<unsigned>(cards_of_cell[cell] + 1 - present), std::nullopt};
    for (const GuestBus& bus : buses.all())
      if (is_of_cell(bus) && bus.number && !more.expander && has_room(buses, bus, more.ports))
        more.expander = bus.index;
    all.push_back(more);
  }
  return all;
}

/// Bus numbers for new expanders: they share the upper half evenly, or what existing expanders leave of it,
/// but each gets at least what it needs. The firmware counts the root's own buses from 0.
std::vector<unsigned> bus_numbers(const Definition& text, unsigned expanders, unsigned ports) {
  const GuestBuses buses(text.root());
  unsigned end = kBusNumbers;
  unsigned of_root = next_index(text);
  for (const GuestBus& bus : buses.all()) {
    if (bus.number) end = std::min(end, *bus.number);
    if (bus.has_index && buses.expander_above(bus)) --of_root;
  }
  unsigned share = end > kFirstOfExpanders ? (end - kFirstOfExpanders) / expanders : 0;
  if (share <= ports) share = ports + 1;
  const unsigned first = std::min(kFirstOfExpanders, end - std::min(end, expanders * share));
  if (first < of_root) no_room("PCI bus number");
  std::vector<unsigned> numbers;
  for (unsigned i = 0; i < expanders; ++i) numbers.push_back(first + i * share);
  return numbers;
}

unsigned add_expander(Definition& text, unsigned cell, unsigned bus_number) {
  const unsigned index = next_index(text);
  pugi::xml_document scratch;
  pugi::xml_node expander = scratch.append_child("controller");
  expander.append_attribute("type") = "pci";
  expander.append_attribute("index") = index;
  expander.append_attribute("model") = "pcie-expander-bus";
  expander.append_child("model").append_attribute("name") = "pxb-pcie";
  pugi::xml_node target = expander.append_child("target");
  target.append_attribute("busNr") = bus_number;
  target.append_child("node").text() = cell;
  text.insert(devices_of(text), expander);
  return index;
}

/// A port on the first slot of an expander that is free.
void add_port(Definition& text, unsigned expander) {
  PciAddress slot;
  slot.bus = static_cast<std::uint8_t>(expander);
  while (device_at(devices_of(text), slot)) ++slot.device;
  add_root_port(text, slot);
}

}  // namespace

void drop_stale_cells(Definition& text, const Placement& placement) {
  const auto stale = [&](const GuestBus& bus) { return bus.cell && *bus.cell >= placement.cells.size(); };
  const GuestBuses buses(text.root());
  for (const GuestBus& bus : buses.all())
    if (is_expander(bus) && stale(bus)) text.remove(bus.controller.child("target").child("node"));
}

void make_ports(Definition& text, const std::vector<unsigned>& cards_of_cell) {
  const GuestBuses buses(text.root());
  std::vector<NewPorts> all = new_ports(buses, cards_of_cell);
  unsigned expanders = 0, most = 0;
  for (const NewPorts& more : all)
    if (!more.expander) {
      ++expanders;
      most = std::max(most, more.ports);
    }
  if (most >= kPortsOfExpander) no_room("slot on a PCI expander");
  if (!all.empty() && std::ranges::none_of(buses.all(), is_express_expander)) make_ports_for_waiting(text);
  if (expanders > 0) {
    const std::vector<unsigned> numbers = bus_numbers(text, expanders, most);
    auto number = numbers.begin();
    for (NewPorts& more : all)
      if (!more.expander) more.expander = add_expander(text, more.cell, *number++);
  }
  for (const NewPorts& more : all)
    for (unsigned port = 0; port < more.ports; ++port) add_port(text, *more.expander);
}

PciAddress free_port(const Definition& text, unsigned cell) {
  const std::vector<unsigned> ports = free_ports(GuestBuses(text.root()), cell);
  if (ports.empty()) no_room("port below a PCI expander");
  PciAddress slot;
  slot.bus = static_cast<std::uint8_t>(ports.front());
  return slot;
}

PciAddress slot_near(Definition& text, std::optional<unsigned> cell) {
  if (!is_express(text.root())) return on_conventional_bus(text);
  return cell && is_q35(text.root()) ? free_port(text, *cell) : behind_new_port(text);
}

std::vector<unsigned> spare_ports(const Definition& text) {
  std::vector<unsigned> ports;
  const GuestBuses buses(text.root());
  for (const GuestBus& bus : buses.all()) {
    const GuestBus* expander = is_root_port(bus) && bus.free ? buses.expander_above(bus) : nullptr;
    if (expander && expander->cell && can_keep_addresses(bus.controller)) ports.push_back(bus.index);
  }
  std::ranges::sort(ports);
  return ports;
}

}  // namespace gpupass
