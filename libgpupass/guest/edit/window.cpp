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
#include "guest/model/qemu.hpp"
#include "guest/text/values.hpp"
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
  for (const PciAddress function : claimed_addresses(text.root())) {
    if (cards.empty() || !cards.back().front().same_slot(function)) cards.emplace_back();
    cards.back().push_back(function);
  }
  return cards;
}

constexpr unsigned kRoot = 0;

/// The index of the expander that a card hangs from, or kRoot.
unsigned root_of(const DomainText& text, const GuestBuses& buses, const std::vector<PciAddress>& card) {
  for (const PciAddress function : card)
    if (const auto guest = guest_address(giver_of(text.child("devices"), function)))
      if (const GuestBus* expander = buses.expander_above(guest->bus)) return expander->index;
  return kRoot;
}

/// What a root port has to let through to the functions of one card.
PortWindows windows_of(const Host& host, const std::vector<PciAddress>& card) {
  PortWindows windows;
  for (const PciAddress function : card)
    if (const PciFunction* known = find_function(host, function)) windows.add(*known);
  return windows;
}

/// The memory windows of the largest card. A card that is plugged in later may be as large.
struct LargestCard {
  std::uint64_t low_bytes = 0;   ///< Below 4 GiB.
  std::uint64_t high_bytes = 0;  ///< Above.
};

LargestCard largest_card(const std::vector<PortWindows>& cards) {
  LargestCard largest;
  for (const PortWindows& card : cards) {
    largest.low_bytes = std::max(largest.low_bytes, card.low.anywhere());
    largest.high_bytes = std::max(largest.high_bytes, card.high.anywhere());
  }
  return largest;
}

/// The addresses above 4 GiB that the cards of a guest need, and cards that its spare ports wait for.
class HighDemand {
 public:
  /// The firmware gives each expander a part of its own. `root` is an expander's index, or kRoot.
  void add(unsigned root, std::uint64_t bytes) { by_root_[root].add(bytes); }

  /// `first_bytes`: what may lie unused before the first part may begin.
  std::uint64_t bytes(std::uint64_t first_bytes) const {
    std::uint64_t sum = first_bytes + kSmallDevices;
    for (const auto& [root, part] : by_root_) sum = std::min(sum + part.aligned(), Window::kLargest);
    return sum + sum / kPartKeptByUefi;
  }

 private:
  static constexpr std::uint64_t kSmallDevices = kGiB;  // In front of the cards.
  static constexpr unsigned kPartKeptByUefi = 8;        // For each port of the root bus, unasked.

  std::map<unsigned, Window> by_root_;
};

std::uint64_t high_demand(const DomainText& text, const std::vector<std::vector<PciAddress>>& cards,
                          const std::vector<PortWindows>& windows, const std::vector<unsigned>& spare_ports,
                          std::uint64_t spare_bytes) {
  HighDemand demand;
  const GuestBuses buses(text.root());
  for (std::size_t i = 0; i < cards.size(); ++i)
    demand.add(root_of(text, buses, cards[i]), windows[i].high.aligned());
  for (const unsigned port : spare_ports) demand.add(buses.expander_above(port)->index, spare_bytes);
  return demand.bytes(spare_bytes);
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
  const GuestBuses buses(text.root());
  for (const unsigned port : ports)
    set_qemu_property(text, controller_alias(buses.find(port)->controller), property, bytes);
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
  if (!is_express(text.root())) return;
  const std::vector<std::vector<PciAddress>> cards = given_cards(text);
  std::vector<PortWindows> windows;
  for (const std::vector<PciAddress>& card : cards) windows.push_back(windows_of(host, card));
  const std::vector<unsigned> spare = spare_ports(text);
  const LargestCard largest = largest_card(windows);
  const std::uint64_t low_share = kLowRoom / std::max<std::size_t>(spare.size(), 1);
  if (largest.low_bytes <= low_share) set_reserve(text, spare, kKeepLow, largest.low_bytes);
  set_reserve(text, spare, kKeepHigh, largest.high_bytes);

  const std::uint64_t demand = high_demand(text, cards, windows, spare, largest.high_bytes);
  if (demand <= kDefaultWindow) return;
  const std::uint64_t window = std::bit_ceil(std::min(demand, Window::kLargest));
  set_hole(text, window);
  if (has_uefi(text.root())) set_firmware_window(text, window);
  set_address_width(text, window);
}

}  // namespace gpupass
