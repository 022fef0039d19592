// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/promise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <string_view>

#include "gpupass/error.hpp"
#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/memory.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kLongestWay = 32;  // A definition may claim a circle of buses.

/// The root bus that a bus is; nullopt: it is none, or its number is open.
std::optional<std::uint8_t> root_number(const GuestBus& bus) {
  if (is_root(bus)) return 0;
  if (!is_express_expander(bus) || !bus.number) return std::nullopt;
  return static_cast<std::uint8_t>(*bus.number);
}

std::optional<PciAddress> address_in(pugi::xml_node device) {
  try {
    return guest_address(device);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<GuestPlace> place_of(pugi::xml_node device, const GuestBuses& buses) {
  GuestPlace place;
  for (std::optional<PciAddress> at = address_in(device); at && place.way.size() < kLongestWay;) {
    if (at->domain != 0) return std::nullopt;
    place.way.push_back({at->device, at->function});
    const GuestBus* bus = buses.find(at->bus);
    if (!bus) return std::nullopt;
    if (const auto root = root_number(*bus)) {
      place.root_bus = *root;
      std::ranges::reverse(place.way);
      return place;
    }
    at = address_in(bus->controller);
  }
  return std::nullopt;
}

std::optional<unsigned> cell_of(pugi::xml_node device, const GuestBuses& buses) {
  const auto bus = bus_above(device);
  const GuestBus* expander = bus ? buses.expander_above(*bus) : nullptr;
  return expander ? expander->cell : std::nullopt;
}

std::optional<DeviceId> claim_of(pugi::xml_node device) {
  try {
    return claimed_device(device);
  } catch (const Error&) {
    return std::nullopt;
  }
}

AgentChannel agent_of(pugi::xml_node domain) {
  for (const pugi::xml_node channel : domain.child("devices").children("channel")) {
    const pugi::xml_node target = channel.child("target");
    if (target.attribute("name").value() != std::string_view("org.qemu.guest_agent.0")) continue;
    const std::string_view state = target.attribute("state").value();
    if (state == "connected") return AgentChannel::Connected;
    return state == "disconnected" ? AgentChannel::Disconnected : AgentChannel::Unknown;
  }
  return AgentChannel::Missing;
}

}  // namespace

std::string to_string(const GuestPlace& place) {
  std::string text = fmt::format("{:02x}", place.root_bus);
  for (const BusSlot& slot : place.way)
    text += fmt::format("{}{:02x}.{}", &slot == &place.way.front() ? ":" : "/", slot.device, slot.function);
  return text;
}

GuestPromise promise_of(const std::string& live_xml) {
  pugi::xml_document document;
  try {
    parse_domain(live_xml, document);
  } catch (const Error&) {
    return {};
  }
  const pugi::xml_node domain = document.child("domain");
  const GuestBuses buses(domain);
  const MemoryNodes memory(domain);
  GuestPromise promise{.devices = {}, .cells = cells_of(domain), .agent = agent_of(domain)};
  for (const pugi::xml_node device : domain.child("devices").children()) {
    const auto claimed = claim_of(device);
    const bool shown = device.child("address").attribute("type").value() != std::string_view("unassigned");
    if (!claimed || !shown) continue;
    const auto cell = cell_of(device, buses);
    promise.devices.push_back(
        {*claimed, place_of(device, buses), cell, cell ? memory.of(*cell) : std::nullopt});
  }
  return promise;
}

}  // namespace gpupass
