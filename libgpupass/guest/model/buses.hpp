// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/pci.hpp"
#include "guest/text/domain_text.hpp"

/// The PCI buses of a guest, as its definition gives them: each <controller type='pci'> is one, by its index.
namespace gpupass {

struct GuestBus {
  unsigned index = 0;
  std::string model;               ///< "pcie-root-port".
  std::optional<unsigned> parent;  ///< The bus that it is plugged into; none: libvirt has yet to choose.
  std::optional<unsigned> number;  ///< Of an expander: the bus number that the guest sees.
  std::optional<unsigned> cell;    ///< Of an expander: the guest's NUMA cell.
  bool free = true;                ///< Nothing is plugged into it.
  friend bool operator==(const GuestBus&, const GuestBus&) = default;
};

/// In the order of the definition; without those that name no index.
std::vector<GuestBus> buses_of(const DomainText& text);
/// The <controller> of a bus; an empty node where there is none of that index.
pugi::xml_node controller_of(const DomainText& text, unsigned index);
bool is_expander(const GuestBus& bus);
/// The expander that a bus hangs from; nullptr: from the root.
const GuestBus* expander_above(const std::vector<GuestBus>& buses, unsigned index);
/// An index above all that the definition speaks of. @throws Error Refused when there is none.
unsigned next_index(const DomainText& text);

/// Whether the machine is q35, whose firmware knows expanders.
bool is_q35(const DomainText& text);
/// Whether the machine has PCI Express.
bool is_express(const DomainText& text);

/// Where a device stands in the guest, when the definition says so.
std::optional<PciAddress> guest_address(pugi::xml_node device);
/// The device that stands there; an empty node where there is none.
pugi::xml_node device_at(pugi::xml_node devices, PciAddress guest);
void append_guest_address(pugi::xml_node device, PciAddress guest);

/// A new root port, in a slot of an expander; without one, of libvirt's choice, on the root bus. @returns its
/// index.
unsigned add_root_port(DomainText& text, const std::optional<PciAddress>& slot = {});
/// Behind a new root port of the root bus. Ports that are there already may be meant for hot-plug, or for
/// devices whose address libvirt has yet to choose.
PciAddress behind_new_port(DomainText& text);
/// The highest slot of a conventional root bus that is free; libvirt gives slots out from below.
PciAddress on_root_bus(DomainText& text);

/// @throws Error Refused.
[[noreturn]] void no_room(const char* what);

}  // namespace gpupass
