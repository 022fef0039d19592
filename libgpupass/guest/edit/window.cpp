// SPDX-License-Identifier: LGPL-2.1-or-later
// The guest's address space for the memory of devices: below 4 GiB, and above its RAM.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "gpupass/units.hpp"
#include "guest/edit/cards.hpp"
#include "guest/edit/domain.hpp"
#include "guest/edit/expanders.hpp"
#include "guest/edit/qemu.hpp"
#include "guest/model/address_space.hpp"
#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/port_window.hpp"
#include "guest/model/qemu.hpp"
#include "guest/model/root_part.hpp"
#include "guest/text/values.hpp"
#include "values/number.hpp"
#include "values/round_up.hpp"
#include "values/sizes.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kDefaultWindow = 32 * kGiB;                  // QEMU's on q35.
constexpr std::uint64_t kDefaultAddresses = std::uint64_t{1} << 40;  // Of a CPU model of QEMU's.
constexpr std::uint64_t kLowRoom = 512 * kMiB;  // Half of what q35 has below 4 GiB for devices.

constexpr std::uint64_t kSmallDevices = kGiB;  // What lies in front of the cards.

constexpr unsigned kRoot = 0;

constexpr unsigned kFewestBits = 39;  // Of any CPU with an IOMMU.

/// A card that the definition gives.
struct GivenCard {
  std::vector<PciAddress> functions;
  unsigned root = kRoot;  ///< The index of the expander that it hangs from, or kRoot.
  PortWindows windows;    ///< What a root port has to let through to it.
};

unsigned root_of(const Definition& text, const GuestBuses& buses, const std::vector<PciAddress>& functions) {
  for (const PciAddress function : functions)
    if (const auto guest = guest_address(giver_of(text.child("devices"), function)))
      if (const GuestBus* expander = buses.expander_above(guest->bus)) return expander->index;
  return kRoot;
}

std::vector<GivenCard> given_cards(const Definition& text, const Host& host) {
  std::vector<GivenCard> cards;
  for (const DeviceId device : claimed_devices(text.root())) {
    const auto function = device.function();
    if (!function) continue;  // Nothing on the host tells how much memory a mediated device shows.
    if (cards.empty() || !cards.back().functions.front().same_slot(*function)) cards.emplace_back();
    cards.back().functions.push_back(*function);
    if (const PciFunction* known = find_function(host, *function)) cards.back().windows.add(*known);
  }
  const GuestBuses buses(text.root());
  for (GivenCard& card : cards) card.root = root_of(text, buses, card.functions);
  return cards;
}

/// The addresses above 4 GiB for all cards, and for one of `spare_bytes` behind each spare port.
std::uint64_t high_demand(const Definition& text, const std::vector<GivenCard>& cards,
                          const std::vector<unsigned>& spare_ports, std::uint64_t spare_bytes) {
  const GuestBuses buses(text.root());
  std::map<unsigned, Window> by_root;  // The firmware gives each expander a part of its own.
  for (const GivenCard& card : cards) by_root[card.root].add(card.windows.high.aligned());
  for (const unsigned port : spare_ports) by_root[buses.expander_above(port)->index].add(spare_bytes);
  std::uint64_t sum =
      spare_bytes + kSmallDevices;  // The first part begins at a multiple of the largest card.
  for (const auto& [root, part] : by_root) sum = std::min(sum + part.aligned(), Window::kLargest);
  return sum + sum / 8;  // An eighth: what UEFI keeps for each port of the root bus, unasked.
}

/// The addresses above 4 GiB that UEFI needs for the cards, and for nothing more.
std::uint64_t least_demand(const std::vector<GivenCard>& cards) {
  std::map<unsigned, RootPart> by_root;
  by_root[kRoot].add(kSmallDevices, kMiB);
  for (const GivenCard& card : cards)
    by_root[card.root].add(card.windows.high.packed(), card.windows.high.alignment());
  std::uint64_t end = 0;
  for (const auto& [root, part] : by_root)
    end = std::min(round_up(end, part.alignment()) + part.bytes(), Window::kLargest);
  return end <= kDefaultWindow ? end : end + end / 8;  // As above.
}

/// On the root bus: QEMU's own limit.
void set_hole(Definition& text, std::uint64_t bytes) {
  const char* const model = is_express(text.root()) ? "pcie-root" : "pci-root";
  const auto is_root = [model](pugi::xml_node device) {
    return std::string_view(device.attribute("model").value()) == model;
  };
  pugi::xml_document scratch;
  pugi::xml_node root = scratch.append_child("controller");
  root.append_attribute("type") = "pci";
  root.append_attribute("index") = 0;
  root.append_attribute("model") = model;
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
void set_firmware_window(Definition& text, std::uint64_t bytes) {
  constexpr std::string_view kKey = kFirmwareWindow;
  for (const pugi::xml_node argument : qemu_child(text.root(), "commandline").children()) {
    const std::string value = argument.attribute("value").value();
    const auto key = value.find(kKey);
    if (key == value.npos) continue;
    const auto number = key + kKey.size();
    const auto end = std::min(value.find(',', number), value.size());  // Other properties may follow.
    const auto now = parse_number<std::uint64_t>(std::string_view(value).substr(number, end - number));
    if (now && *now >= bytes / kMiB) return;
    return text.set(argument, "value",
                    fmt::format("{}{}{}", value.substr(0, number), bytes / kMiB, value.substr(end)));
  }
  add_qemu_argument(text, "-fw_cfg");
  add_qemu_argument(text, fmt::format("name={}{}", kKey, bytes / kMiB));
}

/// A spare port takes a card while the guest runs only if the firmware has kept addresses for it, and those
/// it has to be told. libvirt has no element for that.
void set_reserve(Definition& text, const std::vector<unsigned>& ports, const char* property,
                 std::uint64_t bytes) {
  if (bytes <= kKeptUnasked) return;
  const GuestBuses buses(text.root());
  for (const unsigned port : ports)
    set_qemu_property(text, controller_alias(buses.find(port)->controller), property, bytes);
}

/// UEFI before edk2-stable202308 assigns nothing at all once the I/O ports are used up, and no card of today
/// needs any behind a port that is still free.
void spare_io_ports(Definition& text) {
  const GuestBuses buses(text.root());
  std::vector<pugi::xml_node> ports;
  for (const GuestBus& bus : buses.all())
    if (is_root_port(bus)) ports.push_back(bus.controller);
  if (ports.size() <= kMostWithIo) return;
  for (const pugi::xml_node port : ports) set_qemu_property(text, controller_alias(port), kKeepIo, 0);
}

/// QEMU's CPU models say 40 bits of address, whatever the host has; with the host's own CPU the guest sees
/// its.
void set_address_width(Definition& text, std::uint64_t window) {
  const pugi::xml_node cpu = text.child("cpu");
  const std::string_view mode = cpu.attribute("mode").value();
  if (window_end(text.root(), window) <= kDefaultAddresses || cpu.child("maxphysaddr") ||
      mode == "host-passthrough" || std::string_view(text.root().attribute("type").value()) != "kvm")
    return;
  pugi::xml_document scratch;
  pugi::xml_node width = scratch.append_child("maxphysaddr");
  width.append_attribute("mode") = "passthrough";
  text.insert(cpu, width);
}

std::uint64_t window_for(std::uint64_t demand) {
  return demand <= kDefaultWindow ? kDefaultWindow : std::bit_ceil(std::min(demand, Window::kLargest));
}

/// Whether a window that is asked for lies within so many bits, as the host's CPUs and its IOMMU address.
/// QEMU refuses to start a guest whose does not (pc_max_used_gpa() of hw/i386/pc.c), its own default too.
bool fits(const Definition& text, std::uint64_t window, unsigned bits) {
  if (bits >= 64 || (window <= kDefaultWindow && !is_express(text.root()))) return true;
  const bool aligned = has_uefi(text.root()) || window > kDefaultWindow;
  const std::uint64_t end =
      aligned ? window_end(text.root(), window) : round_up(memory_end(text.root()), kGiB) + window;
  return end <= std::uint64_t{1} << bits;
}

[[noreturn]] void refuse_window(const Definition& text, std::uint64_t window, unsigned bits) {
  const std::string name = text.child("name").child_value();
  throw Error(
      ErrorCode::Refused, name,
      fmt::format("cannot give the cards of {} addresses: saw that they need a window of {} above the "
                  "guest's memory, up to {}; expected one within the {} bits of address of this host, {}",
                  printable(name), format_size(window), format_size(window_end(text.root(), window)), bits,
                  format_size(std::uint64_t{1} << bits)),
      "give the guest fewer GPUs, or less memory");
}

}  // namespace

void set_window(Definition& text, const Host& host) {
  if (has_uefi(text.root())) spare_io_ports(text);
  const std::vector<GivenCard> cards = given_cards(text, host);
  const std::vector<unsigned> spare = spare_ports(text);
  // A spare port waits for a card like the largest.
  std::uint64_t spare_low = 0, spare_high = 0;
  for (const GivenCard& card : cards) {
    spare_low = std::max(spare_low, card.windows.low.anywhere());
    spare_high = std::max(spare_high, card.windows.high.anywhere());
  }
  if (spare_low <= kLowRoom / std::max<std::size_t>(spare.size(), 1))
    set_reserve(text, spare, kKeepLow, spare_low);

  std::uint64_t window = window_for(high_demand(text, cards, spare, spare_high));
  const auto bits = address_bits_of(host);
  if (!fits(text, window, bits.value_or(kFewestBits))) {
    // Room for later cards must not cost the guest its own.
    std::uint64_t own = window_for(high_demand(text, cards, {}, 0));
    if (has_uefi(text.root()) && !fits(text, own, bits.value_or(kFewestBits)))
      own = window_for(least_demand(cards));
    const bool own_fits = fits(text, own, bits.value_or(kFewestBits));
    if (bits && !own_fits) refuse_window(text, own, *bits);
    if (own_fits) {
      spare_high = 0;
      window = own;
    }
  }
  set_reserve(text, spare, kKeepHigh, spare_high);
  if (window <= kDefaultWindow) return;
  set_hole(text, window);
  if (has_uefi(text.root())) set_firmware_window(text, window);
  set_address_width(text, window);
}

}  // namespace gpupass
