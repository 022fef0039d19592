// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/cards.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "guest/edit/domain.hpp"
#include "guest/edit/expanders.hpp"
#include "guest/edit/hostdev.hpp"
#include "guest/edit/intel_graphics.hpp"
#include "guest/edit/slots.hpp"
#include "guest/model/address_space.hpp"
#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/text/values.hpp"
#include "values/card.hpp"
#include "values/mediated.hpp"

namespace gpupass {

namespace {

/// The function of the host that a device of the guest is. An NVMe drive given as <disk> is none: QEMU drives
/// that itself.
std::optional<PciAddress> source_of(pugi::xml_node device) {
  const auto claimed = claimed_device(device);
  const bool is_disk = std::string_view(device.name()) == "disk";
  return claimed && !is_disk ? claimed->function() : std::nullopt;
}

Card placed_card(const Host& host, const Placement& placement, PciAddress address, Card::Kind kind) {
  Card card{kind, {address}, cell_of(host, placement, address)};
  if (const PciFunction* function = find_function(host, address)) card.functions = card_of(host, *function);
  return card;
}

bool holds(const Card& card, PciAddress function) {
  return std::ranges::find(card.functions, function) != card.functions.end();
}

/// Whether a function is on the card at an address, or was: the host may have lost it.
bool on_card(const Host& host, PciAddress address, PciAddress function) {
  const PciFunction *one = find_function(host, address), *other = find_function(host, function);
  return one && other ? same_card(host, *one, *other) : address.same_slot(function);
}

// --- functions ---

/// gpupass binds the function to vfio-pci itself; libvirt would bind it back while the guest is only stopped.
void leave_driver_alone(Definition& text, PciAddress function) {
  const pugi::xml_node giver = giver_of(devices_of(text), function);
  if (std::string_view(giver.attribute("managed").value()) == "yes") text.set(giver, "managed", "no");
}

/// A card that shows no picture at boot does not need its ROM, which is slow to read.
bool needs_no_rom(const Host& host, const Card& card, PciAddress function) {
  const PciFunction* known = find_function(host, function);
  return card.kind == Card::Kind::Gpu && known && !is_intel_graphics(*known) && known->class_code &&
         is_gpu_class(*known->class_code) && *known->class_code >> 8 != 0x0300;
}

void add_function(Definition& text, const Host& host, const Card& card, PciAddress function,
                  PciAddress guest) {
  pugi::xml_document scratch;
  pugi::xml_node hostdev = append_hostdev(scratch, function);
  if (needs_no_rom(host, card, function)) hostdev.append_child("rom").append_attribute("bar") = "off";
  append_guest_address(hostdev, guest);
  text.insert(devices_of(text), hostdev);
}

/// The function's number in the guest's slot: as on the host, and behind those the functions that the card
/// has elsewhere on the host, below a switch of its own.
int number_of(const Card& card, PciAddress function) {
  const PciAddress first = card.functions.front();
  if (function.same_slot(first)) return function.function - first.function;
  const auto elsewhere =
      std::ranges::find_if(card.functions, [&](PciAddress f) { return !f.same_slot(first); });
  const PciAddress last = *std::prev(elsewhere);
  return last.function - first.function + 1 +
         static_cast<int>(std::ranges::find(elsewhere, card.functions.end(), function) - elsewhere);
}

/// A guest looks for further functions only if function 0 announces them.
void mark_multifunction(Definition& text, PciAddress guest) {
  guest.function = 0;
  if (const pugi::xml_node first = device_at(devices_of(text), guest))
    text.set(first.child("address"), "multifunction", "on");
}

/// Beside a function of its card that the definition has already, at the same distance as on the host.
std::optional<PciAddress> beside_sibling(const Definition& text, const Card& card, PciAddress function) {
  for (const PciAddress sibling : card.functions) {
    const auto guest = guest_address(giver_of(text.child("devices"), sibling));
    if (!guest) continue;
    const int number = guest->function + number_of(card, function) - number_of(card, sibling);
    if (number < 0 || number > 7) continue;
    PciAddress place = *guest;
    place.function = static_cast<std::uint8_t>(number);
    if (!device_at(text.child("devices"), place)) return place;
  }
  return std::nullopt;
}

// --- cards ---

bool is_given(const Definition& text, const Card& card) {
  const std::vector<DeviceId> given = claimed_devices(text.root());
  return std::ranges::any_of(
      card.functions, [&](PciAddress function) { return std::ranges::binary_search(given, function); });
}

/// Whether all functions of a card that the definition gives, and the rest as well, can stand below the right
/// expander.
bool stands_by_its_cell(const Definition& text, const Card& card, const Placement& placement) {
  const std::vector<DeviceId> given = claimed_devices(text.root());
  const GuestBuses buses(text.root());
  const bool several = placement.cells.size() > 1;
  for (const PciAddress function : card.functions) {
    const pugi::xml_node giver = giver_of(text.child("devices"), function);
    if (!giver) {
      if (several && !std::ranges::binary_search(given, function) && !beside_sibling(text, card, function))
        return false;
      continue;
    }
    const auto guest = guest_address(giver);
    const GuestBus* expander = guest ? buses.expander_above(guest->bus) : nullptr;
    const std::optional<unsigned> cell = expander ? expander->cell : std::nullopt;
    if (cell != card.cell && (cell || several)) return false;
  }
  return true;
}

bool is_intel_graphics(const Host& host, const Card& card) {
  const PciFunction* known = find_function(host, card.functions.front());
  return known && is_intel_graphics(*known);
}

/// Whether a card may stay where it is. With one cell there is no reason to move it, unless it is below the
/// expander of a cell that it is not near.
bool stands_well(const Definition& text, const Host& host, const Card& card, const Placement& placement) {
  if (is_intel_graphics(host, card)) return stands_as_on_host(text, card.functions.front());
  return is_given(text, card) && (!is_q35(text.root()) || stands_by_its_cell(text, card, placement));
}

/// A free slot of the guest for a card.
PciAddress new_slot(Definition& text, const Host& host, const Card& card) {
  if (is_intel_graphics(host, card)) return slot_of_intel_graphics(text);
  return slot_near(text, card.cell);
}

/// All functions of a card to one slot. Function 0 comes last: with it a guest that runs takes notice of the
/// slot.
void give_slot(Definition& text, const Host& host, const Card& card, PciAddress slot) {
  const std::vector<DeviceId> given = claimed_devices(text.root());
  for (auto function = card.functions.rbegin(); function != card.functions.rend(); ++function) {
    PciAddress place = slot;
    place.function = static_cast<std::uint8_t>(number_of(card, *function));
    if (!std::ranges::binary_search(given, *function)) {
      add_function(text, host, card, *function, place);
    } else if (const pugi::xml_node giver = giver_of(devices_of(text), *function)) {
      pugi::xml_document scratch;
      append_guest_address(scratch, place);
      text.put(giver, scratch.first_child());
      leave_driver_alone(text, *function);
    }
  }
  if (card.functions.size() > 1) mark_multifunction(text, slot);
}

/// The functions that a definition lacks of a card that it gives.
void complete_card(Definition& text, const Host& host, const Card& card) {
  const std::vector<DeviceId> given = claimed_devices(text.root());
  std::optional<PciAddress> slot;  // A new one, whose function 0 has the number `origin`.
  int origin = 0;
  for (const PciAddress function : card.functions) {
    if (std::ranges::binary_search(given, function)) {
      leave_driver_alone(text, function);
      continue;
    }
    std::optional<PciAddress> place = slot ? std::nullopt : beside_sibling(text, card, function);
    if (!place) {
      if (!slot) {
        slot = is_express(text.root()) ? behind_new_port(text) : on_conventional_bus(text);
        origin = number_of(card, function);
      }
      place = slot;
      place->function = static_cast<std::uint8_t>(number_of(card, function) - origin);
    }
    add_function(text, host, card, function, *place);
    if (place->function != 0) mark_multifunction(text, *place);
  }
}

/// A ROM image instead of the card's own, for its function 0.
void set_rom(Definition& text, const Card& card, const std::string& file) {
  const pugi::xml_node giver = giver_of(devices_of(text), card.functions.front());
  if (!giver || file.empty() || card.kind != Card::Kind::Gpu) return;
  pugi::xml_document scratch;
  pugi::xml_node rom =
      giver.child("rom") ? scratch.append_copy(giver.child("rom")) : scratch.append_child("rom");
  rom.remove_attribute("bar");  // "off" would hide the image as well.
  rom.remove_attribute("file");
  rom.append_attribute("file") = fit_for_xml(file, "a ROM image").c_str();
  text.put(giver, rom);
}

}  // namespace

std::optional<unsigned> cell_of(const Host& host, const Placement& placement, DeviceId device) {
  const PciFunction* known = function_behind(host, device);
  const Fact<int> node = known ? nearest_numa_node(host, *known) : Fact<int>();
  // Where there is but one node, firmware need not name it. If such a host has few bits of address, it has no
  // room beside QEMU's own window, and in that each expander's part would begin at a multiple of its largest
  // card; there an expander tells the guest nothing.
  const bool only_one = !host.numa_nodes || host.numa_nodes->size() == 1;
  constexpr unsigned kScarceBits = 36;
  if (only_one && placement.cells.size() == 1)
    return address_bits_of(host).value_or(64) <= kScarceBits ? std::nullopt : std::optional(0U);
  if (!node || *node < 0) return std::nullopt;
  for (unsigned cell = 0; cell < placement.cells.size(); ++cell)
    if (placement.cells[cell].node == static_cast<unsigned>(*node)) return cell;
  return std::nullopt;
}

std::vector<Card> cards_of(const Host& host, const Placement& placement) {
  std::vector<Card> cards;
  const auto add = [&](PciAddress address, Card::Kind kind) {
    if (std::ranges::none_of(cards, [&](const Card& card) { return holds(card, address); }))
      cards.push_back(placed_card(host, placement, address, kind));
  };
  for (const PciAddress gpu : functions_of(placement.gpus)) add(gpu, Card::Kind::Gpu);
  for (const DeviceId device : placement.devices)
    if (const auto function = device.function()) add(*function, Card::Kind::Companion);
  return cards;
}

pugi::xml_node giver_of(pugi::xml_node devices, PciAddress function) {
  return devices.find_child([&](pugi::xml_node device) { return source_of(device) == function; });
}

void remove_former_cards(Definition& text, const Host& host, const Placement& placement) {
  const std::vector<Card> cards = cards_of(host, placement);
  const auto present = [&](PciAddress function) {
    return std::ranges::any_of(cards, [&](const Card& card) { return holds(card, function); });
  };
  std::vector<PciAddress> former;
  for (const pugi::xml_node element : own_metadata(text).children()) {
    const auto address = PciAddress::parse(element.attribute("address").value());
    if (address && !present(*address)) former.push_back(*address);
  }
  const auto given = [&](pugi::xml_node device) {
    const auto source = source_of(device);
    return source && !present(*source) &&
           std::ranges::any_of(former, [&](PciAddress address) { return on_card(host, address, *source); });
  };
  text.remove_all(text.child("devices"), given);
}

void add_cards(Definition& text, const Host& host, const Request& request, const Placement& placement) {
  drop_stale_cells(text, placement);
  std::vector<unsigned> cards_of_cell(placement.cells.size());
  const std::vector<Card> cards = cards_of(host, placement);
  std::vector<const Card*> moving;
  for (const Card& card : cards) {
    if (stands_well(text, host, card, placement)) continue;
    moving.push_back(&card);
    if (card.cell && !is_intel_graphics(host, card)) ++cards_of_cell[*card.cell];
  }
  if (is_q35(text.root())) make_ports(text, cards_of_cell);
  for (const Card& card : cards) {
    if (std::ranges::find(moving, &card) == moving.end())
      complete_card(text, host, card);
    else
      give_slot(text, host, card, new_slot(text, host, card));
    set_rom(text, card, request.rom_file);
    if (is_intel_graphics(host, card)) give_op_region(text, card.functions.front());
  }
}

}  // namespace gpupass
