// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gpupass/pci.hpp"
#include "guest/text/definition.hpp"

/// Where new devices are put on the guest's PCI buses.
namespace gpupass {

/// <address>, of the host or of the guest.
pugi::xml_node append_address(pugi::xml_node parent, PciAddress address);
/// Where a device is in the guest.
void append_guest_address(pugi::xml_node device, PciAddress guest);

/// An index for a new bus. @throws Error Refused when there is none.
unsigned next_index(const Definition& text);
/// A new root port, in a slot of an expander; without one, of libvirt's choice, on the root bus. @returns its
/// index.
unsigned add_root_port(Definition& text, const std::optional<PciAddress>& slot = {});
/// Behind a new root port of the root bus. Ports that are there already may be meant for hot-plug, or for
/// devices whose address libvirt has yet to choose.
PciAddress behind_new_port(Definition& text);
/// A free slot of conventional PCI, on the root bus or, where that is full, on a bridge. The highest, for
/// libvirt gives slots out from below.
PciAddress on_conventional_bus(Definition& text);
/// Makes sure that devices whose address libvirt has yet to choose find free ports on the root bus: libvirt
/// takes the first that there is, and what comes below an expander is kept for cards of its cell.
void make_ports_for_waiting(Definition& text);

/// @throws Error Refused.
[[noreturn]] void no_room(const char* what);

}  // namespace gpupass
