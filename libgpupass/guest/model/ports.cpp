// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/ports.hpp"

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <string_view>
#include <tuple>

#include "guest/model/domain_xml.hpp"
#include "guest/model/libvirt_values.hpp"
#include "guest/model/port_window.hpp"
#include "guest/text/xml_names.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

std::optional<unsigned> number_in(pugi::xml_attribute attribute) {
  return attribute ? parse_any_base(attribute.value()) : std::nullopt;
}

bool is_controller(pugi::xml_node device, std::string_view model) {
  return std::string_view(device.name()) == "controller" && model == device.attribute("model").value();
}

/// The nodes that back each of the guest's cells, as far as the definition binds them.
std::map<unsigned, CpuSet> backing(pugi::xml_node domain) {
  std::map<unsigned, CpuSet> cells;
  for (const pugi::xml_node memnode : domain.child("numatune").children("memnode")) {
    const auto cell = number_in(memnode.attribute("cellid"));
    const auto nodes = set_from(memnode.attribute("nodeset").value());
    if (cell && nodes) cells[*cell] = *nodes;
  }
  return cells;
}

/// QEMU's word for a property that is not set.
constexpr std::uint64_t kUnasked = UINT64_MAX;

/// What the firmware keeps for a port, of the kind that this property of it is about.
std::uint64_t kept_for(pugi::xml_node domain, pugi::xml_node port, std::string_view property) {
  const std::string alias = controller_alias(port);
  for (const pugi::xml_node device : qemu_child(domain, "override").children()) {
    if (alias != device.attribute("alias").value()) continue;
    for (const pugi::xml_node part : device.children())
      for (const pugi::xml_node given : part.children())
        if (property == given.attribute("name").value())
          if (const auto bytes = parse_number<std::uint64_t>(given.attribute("value").value());
              bytes && *bytes != kUnasked)
            return *bytes;
  }
  return kKeptUnasked;
}

}  // namespace

GuestPorts::GuestPorts(const std::string& definition) {
  const pugi::xml_document document = parse_domain(definition);
  const pugi::xml_node domain = document.document_element();
  const auto cells = backing(domain);
  std::map<unsigned, CpuSet> expanders;
  std::set<unsigned> taken;
  for (const pugi::xml_node device : domain.child("devices").children()) {
    const pugi::xml_node address = device.child("address");  // A disk's is on a bus of its own kind.
    if (const auto bus = number_in(address.attribute("bus"));
        bus && address.attribute("type").as_string("pci") == std::string_view("pci"))
      taken.insert(*bus);
    if (!is_controller(device, "pcie-expander-bus")) continue;
    const auto index = number_in(device.attribute("index"));
    const auto cell = parse_any_base(device.child("target").child_value("node"));
    if (const auto nodes = cells.find(cell.value_or(UINT32_MAX)); index && nodes != cells.end())
      expanders[*index] = nodes->second;
  }
  for (const pugi::xml_node device : domain.child("devices").children()) {
    express_ = express_ || is_controller(device, "pcie-root");
    if (!is_controller(device, "pcie-root-port") && !is_controller(device, "pcie-switch-downstream-port"))
      continue;
    express_ = true;
    const auto index = number_in(device.attribute("index"));
    const auto above =
        expanders.find(number_in(device.child("address").attribute("bus")).value_or(UINT32_MAX));
    if (takes_hotplug(device) && index && *index <= UINT8_MAX && !taken.contains(*index))
      free_.push_back({*index, above == expanders.end() ? CpuSet{} : above->second,
                       kept_for(domain, device, kKeepLow), kept_for(domain, device, kKeepHigh)});
  }
  std::ranges::sort(free_, {}, &Port::index);
}

std::optional<PciAddress> GuestPorts::take(unsigned node) {
  const auto port = std::ranges::find_if(free_, [node](const Port& at) { return at.nodes.contains(node); });
  if (port == free_.end()) return std::nullopt;
  return take(port);
}

std::optional<GuestPorts::Slot> GuestPorts::take(const PciFunction& function, std::optional<unsigned> node) {
  PortWindows windows;
  windows.add(function);
  const std::uint64_t low = windows.low.anywhere(), high = windows.high.anywhere();
  const auto has_room = [&](const Port& port) {
    return !function.bars.unknown() && port.low >= low && port.high >= high;
  };
  const bool modest = low <= kKeptUnasked && high <= kKeptUnasked;
  // What is small leaves the room to others, and what fits nowhere for sure goes where most is.
  const auto cost = [&](const Port& port) {
    const bool elsewhere = !node || !port.nodes.contains(*node);
    const bool room = has_room(port);
    const double kept = static_cast<double>(port.low) + static_cast<double>(port.high);
    const double before_locality = !room ? -kept : modest ? kept : 0;
    return std::tuple(!room, before_locality, elsewhere, kept, !port.nodes.empty());
  };
  const auto port = std::ranges::min_element(free_, {}, cost);
  if (port == free_.end()) return std::nullopt;
  const bool room = has_room(*port);
  return Slot{take(port), room};
}

PciAddress GuestPorts::take(std::vector<Port>::iterator port) {
  PciAddress slot;
  slot.bus = static_cast<std::uint8_t>(port->index);
  free_.erase(port);
  return slot;
}

bool shares_slot(const std::string& definition, PciAddress device) {
  const pugi::xml_document document = parse_domain(definition);
  std::vector<PciAddress> slots;
  std::optional<PciAddress> own;
  for (const pugi::xml_node element : document.child("domain").child("devices").children()) {
    const pugi::xml_node address = element.child("address");
    if (address.attribute("type").value() != std::string_view("pci")) continue;
    const PciAddress slot = pci_address_of(address);
    if (claimed_address(element) == device)
      own = slot;
    else
      slots.push_back(slot);
  }
  return own && std::ranges::any_of(slots, [&](const PciAddress& slot) { return slot.same_slot(*own); });
}

}  // namespace gpupass
