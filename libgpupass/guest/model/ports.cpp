// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/ports.hpp"

#include <algorithm>
#include <pugixml.hpp>
#include <string_view>
#include <tuple>

#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/memory.hpp"
#include "guest/model/port_window.hpp"
#include "guest/model/qemu.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

bool is_port(const GuestBus& bus) {
  return is_root_port(bus) || bus.model == "pcie-switch-downstream-port";
}

/// The bytes that the firmware keeps for what is plugged into a port, in the memory window that this property
/// of the port is about.
std::uint64_t bytes_kept(pugi::xml_node domain, pugi::xml_node port, const char* property) {
  constexpr std::uint64_t kNotSet = UINT64_MAX;  // QEMU's word for it.
  const pugi::xml_node asked = qemu_property(domain, controller_alias(port), property);
  const auto bytes = parse_number<std::uint64_t>(asked.attribute("value").value());
  return bytes && *bytes != kNotSet ? std::min(*bytes, Window::kLargest) : kKeptUnasked;
}

}  // namespace

GuestPorts::GuestPorts(const std::string& definition) {
  const pugi::xml_document document = parse_domain(definition);
  const pugi::xml_node domain = document.document_element();
  const GuestBuses buses(domain);
  const MemoryNodes memory(domain);
  express_ = buses.express();
  for (const GuestBus& bus : buses.all()) {
    if (!is_port(bus) || !bus.free || bus.index > UINT8_MAX || !takes_hotplug(bus.controller)) continue;
    const GuestBus* expander = buses.expander_above(bus);
    const auto nodes = expander && expander->cell ? memory.preferred_of(*expander->cell) : std::nullopt;
    free_.push_back({bus.index, nodes.value_or(CpuSet{}), bytes_kept(domain, bus.controller, kKeepLow),
                     bytes_kept(domain, bus.controller, kKeepHigh)});
  }
  std::ranges::sort(free_, {}, &Port::index);
}

std::optional<PciAddress> GuestPorts::take(unsigned node) {
  const auto port = std::ranges::find_if(free_, [node](const Port& at) { return at.nodes.contains(node); });
  if (port == free_.end()) return std::nullopt;
  return hand_out(static_cast<std::size_t>(port - free_.begin()));
}

/// The position of the port that comes first in an order.
template <typename Order>
std::size_t GuestPorts::first_by(const Order& order) const {
  return static_cast<std::size_t>(std::ranges::min_element(free_, {}, order) - free_.begin());
}

std::optional<GuestPorts::Slot> GuestPorts::take(const PciFunction& function, std::optional<unsigned> node) {
  if (free_.empty()) return std::nullopt;
  PortWindows windows;
  windows.add(function);
  const std::uint64_t low = windows.low.anywhere(), high = windows.high.anywhere();
  const auto has_room = [&](const Port& port) {
    return !function.bars.unknown() && port.low_bytes >= low && port.high_bytes >= high;
  };
  const auto is_far = [&](const Port& port) { return !node || !port.nodes.contains(*node); };
  const auto has_expander = [](const Port& port) { return !port.nodes.empty(); };

  // A function that fits behind any port leaves the large ones to others, and then looks for its node.
  const auto by_size = [&](const Port& port) {
    return std::tuple(!has_room(port), port.kept_bytes(), is_far(port), has_expander(port));
  };
  // One that needs a large port takes one of its node, and there the smallest.
  const auto by_node = [&](const Port& port) {
    return std::tuple(!has_room(port), is_far(port), port.kept_bytes(), has_expander(port));
  };
  // One that certainly fits nowhere has its best chance where most is kept.
  const auto by_chance = [&](const Port& port) {
    return std::tuple(UINT64_MAX - port.kept_bytes(), is_far(port), has_expander(port));
  };
  const bool fits_anywhere = low <= kKeptUnasked && high <= kKeptUnasked;
  std::size_t port = 0;
  if (std::ranges::none_of(free_, has_room))
    port = first_by(by_chance);
  else
    port = fits_anywhere ? first_by(by_size) : first_by(by_node);
  const bool room = has_room(free_[port]);
  return Slot{hand_out(port), room};
}

PciAddress GuestPorts::hand_out(std::size_t port) {
  PciAddress slot;
  slot.bus = static_cast<std::uint8_t>(free_[port].index);
  free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(port));
  return slot;
}

bool shares_slot(const std::string& definition, DeviceId device) {
  const pugi::xml_document document = parse_domain(definition);
  std::vector<PciAddress> slots;
  std::optional<PciAddress> own;
  for (const pugi::xml_node element : document.child("domain").child("devices").children()) {
    const pugi::xml_node address = element.child("address");
    if (address.attribute("type").value() != std::string_view("pci")) continue;
    const PciAddress slot = pci_address_of(address);
    if (claimed_device(element) == device)
      own = slot;
    else
      slots.push_back(slot);
  }
  return own && std::ranges::any_of(slots, [&](const PciAddress& slot) { return slot.same_slot(*own); });
}

}  // namespace gpupass
