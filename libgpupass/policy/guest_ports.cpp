// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guest_ports.hpp"

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <string_view>

#include "base/domain_xml.hpp"
#include "base/libvirt_values.hpp"

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

}  // namespace

GuestPorts::GuestPorts(const std::string& definition) {
  const pugi::xml_document document = parse_domain(definition);
  const pugi::xml_node domain = document.document_element();
  const auto cells = backing(domain);
  std::map<unsigned, CpuSet> expanders;
  std::set<unsigned> taken;
  for (const pugi::xml_node device : domain.child("devices").children()) {
    const pugi::xml_node address = device.child("address");  // A disk's is on a bus of its own kind.
    if (const auto bus = number_in(address.attribute("bus")); bus && address.attribute("type").as_string("pci") == std::string_view("pci"))
      taken.insert(*bus);
    if (!is_controller(device, "pcie-expander-bus")) continue;
    const auto index = number_in(device.attribute("index"));
    const auto cell = parse_any_base(device.child("target").child_value("node"));
    if (const auto nodes = cells.find(cell.value_or(UINT32_MAX)); index && nodes != cells.end())
      expanders[*index] = nodes->second;
  }
  for (const pugi::xml_node device : domain.child("devices").children()) {
    if (!is_controller(device, "pcie-root-port")) continue;
    const auto index = number_in(device.attribute("index"));
    const auto above = expanders.find(number_in(device.child("address").attribute("bus")).value_or(UINT32_MAX));
    if (index && *index <= UINT8_MAX && !taken.contains(*index) && above != expanders.end())
      free_.push_back({*index, above->second});
  }
  std::ranges::sort(free_, {}, &Port::index);
}

std::optional<PciAddress> GuestPorts::take(unsigned node) {
  const auto port = std::ranges::find_if(free_, [node](const Port& at) { return at.nodes.contains(node); });
  if (port == free_.end()) return std::nullopt;
  PciAddress slot;
  slot.bus = static_cast<std::uint8_t>(port->index);
  free_.erase(port);
  return slot;
}

}  // namespace gpupass
