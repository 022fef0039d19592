// SPDX-License-Identifier: LGPL-2.1-or-later
// The guest's address space for the memory of devices: below 4 GiB, and above its RAM.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "guest/edit/cards.hpp"
#include "guest/edit/domain.hpp"
#include "guest/edit/expanders.hpp"
#include "guest/edit/qemu.hpp"
#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/port_window.hpp"
#include "guest/text/values.hpp"
#include "guest/text/xml_names.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kDefaultWindow = 32 * kGiB;                  // QEMU's on q35.
constexpr std::uint64_t kDefaultAddresses = std::uint64_t{1} << 40;  // Of a CPU model of QEMU's.
constexpr std::uint64_t kLowRoom = 512 * kMiB;  // Half of what q35 has below 4 GiB for devices.

/// The functions that the definition gives, card by card.
std::vector<std::vector<PciAddress>> given_cards(const DomainText& text) {
  std::vector<std::vector<PciAddress>> cards;
  for (const PciAddress function : hostdev_addresses(text.text())) {
    if (cards.empty() || !cards.back().front().same_slot(function)) cards.emplace_back();
    cards.back().push_back(function);
  }
  return cards;
}

constexpr unsigned kRoot = 0;

/// The index of the expander that a card hangs from, or kRoot.
unsigned root_of(const DomainText& text, const std::vector<GuestBus>& buses,
                 const std::vector<PciAddress>& card) {
  for (const PciAddress function : card)
    if (const auto guest = guest_address(giver_of(text.child("devices"), function)))
      if (const GuestBus* expander = expander_above(buses, guest->bus)) return expander->index;
  return kRoot;
}

/// What a root port has to let through to the functions of one card.
PortWindows windows_of(const Host& host, const std::vector<PciAddress>& card) {
  PortWindows windows;
  for (const PciAddress function : card)
    if (const PciFunction* known = find_function(host, function)) windows.add(*known);
  return windows;
}

/// What all cards want, and each spare port for one more like the largest of them.
struct Demand {
  std::uint64_t all = 0;         ///< Above 4 GiB.
  std::vector<unsigned> spare;   ///< The ports.
  std::uint64_t spare_low = 0;   ///< Of each, below 4 GiB.
  std::uint64_t spare_high = 0;  ///< And above.
};

Demand demand_of(const DomainText& text, const Host& host) {
  Demand demand;
  std::map<unsigned, Window> by_root;  // The firmware gives each expander a part of its own.
  const std::vector<GuestBus> buses = buses_of(text);
  for (const std::vector<PciAddress>& card : given_cards(text)) {
    const PortWindows windows = windows_of(host, card);
    by_root[root_of(text, buses, card)].add(windows.high.aligned());
    demand.spare_low = std::max(demand.spare_low, windows.low.anywhere());
    demand.spare_high = std::max(demand.spare_high, windows.high.anywhere());
  }
  demand.spare = spare_ports(text);
  for (const unsigned port : demand.spare) by_root[expander_above(buses, port)->index].add(demand.spare_high);
  if (demand.spare_low > kLowRoom / std::max<std::size_t>(demand.spare.size(), 1)) demand.spare_low = 0;
  demand.all =
      demand.spare_high + kGiB;  // Until the first may begin, and for the small devices in front of it.
  for (const auto& [root, window] : by_root)
    demand.all = std::min(demand.all + window.aligned(), Window::kLargest);
  demand.all += demand.all / 8;  // What UEFI keeps for each port of the root bus, unasked.
  return demand;
}

/// On the root bus: QEMU's own limit.
void set_hole(DomainText& text, std::uint64_t bytes) {
  const auto is_root = [](pugi::xml_node device) {
    return std::string_view(device.attribute("model").value()) == "pcie-root";
  };
  pugi::xml_document scratch;
  pugi::xml_node root = scratch.append_child("controller");
  root.append_attribute("type") = "pci";
  root.append_attribute("index") = 0;
  root.append_attribute("model") = "pcie-root";
  pugi::xml_node hole = root.append_child("pcihole64");
  hole.append_attribute("unit") = "GiB";
  hole.text() = fmt::to_string(bytes / kGiB).c_str();
  const pugi::xml_node present = devices_of(text).find_child(is_root);
  const auto now = bytes_of(present.child("pcihole64"));
  if (!present)
    text.insert(devices_of(text), root);
  else if (!now || *now < bytes)
    text.put(present, hole);
}

/// UEFI firmware: the least window that it opens. libvirt refuses this name in <sysinfo>, as reserved.
void set_firmware_window(DomainText& text, std::uint64_t bytes) {
  constexpr std::string_view kKey = "opt/ovmf/X-PciMmio64Mb,string=";
  for (const pugi::xml_node argument : qemu_child(text.root(), "commandline").children()) {
    const std::string value = argument.attribute("value").value();
    const auto key = value.find(kKey);
    if (key == value.npos) continue;
    const auto now = parse_number<std::uint64_t>(std::string_view(value).substr(key + kKey.size()));
    if (now && *now >= bytes / kMiB) return;
    return text.set(argument, "value", fmt::format("{}{}", value.substr(0, key + kKey.size()), bytes / kMiB));
  }
  add_qemu_argument(text, "-fw_cfg");
  add_qemu_argument(text, fmt::format("name={}{}", kKey, bytes / kMiB));
}

/// A spare port takes a card while the guest runs only if the firmware has kept addresses for it, and those
/// it has to be told. libvirt has no element for that.
void set_reserve(DomainText& text, const std::vector<unsigned>& ports, const char* property,
                 std::uint64_t bytes) {
  if (bytes <= kKeptUnasked) return;
  for (const unsigned port : ports)
    set_qemu_property(text, controller_alias(controller_of(text, port)), property, bytes);
}

/// QEMU's CPU models say 40 bits of address, whatever the host has; with the host's own CPU the guest sees
/// its.
void set_address_width(DomainText& text, std::uint64_t window) {
  const pugi::xml_node cpu = text.child("cpu");
  const std::string_view mode = cpu.attribute("mode").value();
  const std::uint64_t memory = bytes_of(text.child("memory")).value_or(0) + 4 * kGiB;
  const std::uint64_t start = (std::min(memory, Window::kLargest) + window - 1) / window * window;
  if (start + window <= kDefaultAddresses || cpu.child("maxphysaddr") || mode == "host-passthrough" ||
      std::string_view(text.root().attribute("type").value()) != "kvm")
    return;
  pugi::xml_document scratch;
  pugi::xml_node width = scratch.append_child("maxphysaddr");
  width.append_attribute("mode") = "passthrough";
  text.insert(cpu, width);
}

}  // namespace

void set_window(DomainText& text, const Host& host) {
  if (!is_express(text)) return;
  const Demand demand = demand_of(text, host);
  set_reserve(text, demand.spare, kKeepLow, demand.spare_low);
  set_reserve(text, demand.spare, kKeepHigh, demand.spare_high);
  if (demand.all <= kDefaultWindow) return;
  const std::uint64_t window = std::bit_ceil(std::min(demand.all, Window::kLargest));
  set_hole(text, window);
  if (has_uefi(text.root())) set_firmware_window(text, window);
  set_address_width(text, window);
}

}  // namespace gpupass
