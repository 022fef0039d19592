// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"

namespace pugi {
class xml_node;
}

namespace gpupass {

/// What an <address> element with domain, bus, slot and function says, be it of the host or of the guest.
/// @throws Error Malformed for a part that is no number, or too large.
PciAddress pci_address_of(pugi::xml_node address);

/// The name that a domain's definition gives it. @throws Error Malformed for what is no domain with a name.
std::string domain_name(std::string_view domain_xml);

/// The PCI functions of the host that a domain's definition claims, ascending, each once: as <hostdev>, as
/// <interface type='hostdev'> or as <disk type='nvme'>. Empty text claims none.
/// @throws Error Malformed for what is no domain, or an address that has not the form libvirt reads.
std::vector<PciAddress> hostdev_addresses(std::string_view domain_xml);

/// The element by which a domain's definition claims a function, as it stands there; empty when it does not.
std::string hostdev_element(std::string_view domain_xml, PciAddress device);

/// `domain_xml` with the UUID of `present`, unless it names one itself: libvirt takes a definition without a UUID
/// for a new domain, and refuses it when the name is taken. All else stays byte for byte.
std::string with_uuid_of(std::string_view present, std::string_view domain_xml);

}  // namespace gpupass
