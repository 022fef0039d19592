// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/buses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "gpupass/error.hpp"
#include "guest/edit/domain.hpp"
#include "guest/model/domain_xml.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr unsigned kHighestBus = 0xff;

bool is_bus(pugi::xml_node device) {
  return std::string_view(device.name()) == "controller" &&
         std::string_view(device.attribute("type").value()) == "pci";
}

std::optional<unsigned> number_in(std::string_view text) {
  return text.starts_with("0x") ? parse_number<unsigned>(text, 16) : parse_number<unsigned>(text);
}

GuestBus bus_from(pugi::xml_node controller, unsigned index) {
  GuestBus bus;
  bus.index = index;
  bus.model = controller.attribute("model").value();
  if (const auto address = guest_address(controller)) bus.parent = address->bus;
  const pugi::xml_node target = controller.child("target");
  bus.number = number_in(target.attribute("busNr").value());
  bus.cell = number_in(target.child_value("node"));
  return bus;
}

}  // namespace

void no_room(const char* what) {
  throw Error(ErrorCode::Refused, "domain XML",
              fmt::format("cannot add a GPU to the domain XML: saw no free {}, expected one", what));
}

// --- addresses -----------------------------------------------------------------------------------

std::optional<PciAddress> guest_address(pugi::xml_node device) {
  const pugi::xml_node address = device.child("address");
  if (!is_pci(address) || !address.attribute("bus")) return std::nullopt;
  return pci_address_of(address);
}

pugi::xml_node device_at(pugi::xml_node devices, PciAddress guest) {
  return devices.find_child([&](pugi::xml_node device) { return guest_address(device) == guest; });
}

void append_guest_address(pugi::xml_node device, PciAddress guest) {
  pugi::xml_node address = device.append_child("address");
  address.append_attribute("type") = "pci";
  address.append_attribute("domain") = fmt::format("{:#06x}", guest.domain).c_str();
  address.append_attribute("bus") = fmt::format("{:#04x}", guest.bus).c_str();
  address.append_attribute("slot") = fmt::format("{:#04x}", guest.device).c_str();
  address.append_attribute("function") = fmt::format("{:#x}", guest.function).c_str();
}

// --- buses ---------------------------------------------------------------------------------------

std::vector<GuestBus> buses_of(const DomainText& text) {
  std::vector<GuestBus> buses;
  std::vector<unsigned> taken;
  for (const pugi::xml_node device : text.child("devices").children()) {
    if (const auto address = guest_address(device)) taken.push_back(address->bus);
    if (!is_bus(device)) continue;
    if (const auto index = number_in(device.attribute("index").value()))
      buses.push_back(bus_from(device, *index));
  }
  for (GuestBus& bus : buses) bus.free = std::ranges::find(taken, bus.index) == taken.end();
  return buses;
}

pugi::xml_node controller_of(const DomainText& text, unsigned index) {
  return text.child("devices").find_child([index](pugi::xml_node device) {
    return is_bus(device) && number_in(device.attribute("index").value()) == index;
  });
}

bool is_expander(const GuestBus& bus) {
  return bus.model == "pcie-expander-bus";
}

const GuestBus* expander_above(const std::vector<GuestBus>& buses, unsigned index) {
  // A definition may claim a circle; no way up is longer than there are buses.
  for (std::size_t step = 0; step < buses.size(); ++step) {
    const auto bus = std::ranges::find(buses, index, &GuestBus::index);
    if (bus == buses.end()) return nullptr;
    if (is_expander(*bus)) return &*bus;
    if (!bus->parent) return nullptr;
    index = *bus->parent;
  }
  return nullptr;
}

unsigned next_index(const DomainText& text) {
  unsigned highest = 0;
  for (const pugi::xml_node device : text.child("devices").children())
    if (const auto address = guest_address(device)) highest = std::max(highest, unsigned{address->bus});
  for (const GuestBus& bus : buses_of(text)) highest = std::max(highest, bus.index);
  if (highest >= kHighestBus) no_room("PCI bus");
  return highest + 1;
}

bool is_q35(const DomainText& text) {
  const std::string_view machine = text.child("os").child("type").attribute("machine").value();
  return machine.find("q35") != machine.npos;
}

bool is_express(const DomainText& text) {
  return is_q35(text) || std::ranges::any_of(buses_of(text), [](const GuestBus& bus) {
           return bus.model.starts_with("pcie-root");
         });
}

// --- free places ---------------------------------------------------------------------------------

unsigned add_root_port(DomainText& text, const std::optional<PciAddress>& slot) {
  const unsigned index = next_index(text);
  pugi::xml_document scratch;
  pugi::xml_node port = scratch.append_child("controller");
  port.append_attribute("type") = "pci";
  port.append_attribute("index") = index;
  port.append_attribute("model") = "pcie-root-port";
  if (slot) append_guest_address(port, *slot);
  text.insert(devices_of(text), port);
  return index;
}

PciAddress behind_new_port(DomainText& text) {
  PciAddress slot;
  slot.bus = static_cast<std::uint8_t>(add_root_port(text));
  return slot;
}

PciAddress on_root_bus(DomainText& text) {
  for (std::uint8_t device = 0x1f; device > 2; --device) {
    PciAddress slot;
    slot.device = device;
    const auto occupies = [&](pugi::xml_node other) {
      const auto address = guest_address(other);
      return address && address->same_slot(slot);
    };
    if (!devices_of(text).find_child(occupies)) return slot;
  }
  no_room("slot on the root bus");
}

}  // namespace gpupass
