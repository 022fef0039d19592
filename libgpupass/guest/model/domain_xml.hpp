// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/device.hpp"

namespace pugi {
class xml_document;
class xml_node;
}  // namespace pugi

namespace gpupass {

/// A number as libvirt reads it: "0x1f", "31" and "037" are the same. @returns nullopt for anything else.
std::optional<std::uint32_t> parse_any_base(std::string_view text);

/// What an <address> element with domain, bus, slot and function says, be it of the host or of the guest.
/// @throws Error Malformed for a part that is no number, or too large.
PciAddress pci_address_of(pugi::xml_node address);

/// @throws Error Malformed for what is no domain.
pugi::xml_document parse_domain(std::string_view domain_xml);
/// The same; `document` has what could be read of a broken one.
void parse_domain(std::string_view domain_xml, pugi::xml_document& document);

/// The device of the host that a device of a domain stands for; nullopt when it is none. A PCI function is a
/// <hostdev>, an <interface type='hostdev'> or a <disk type='nvme'>; a mediated device is a <hostdev>.
/// @throws Error Malformed as pci_address_of(), and for a UUID that is none.
std::optional<DeviceId> claimed_device(pugi::xml_node device);

/// The name that a domain's definition gives it. @throws Error Malformed for what is no domain with a name.
std::string domain_name(std::string_view domain_xml);

/// The devices of the host that a domain's definition claims, ascending, each once: in an element, as
/// claimed_device() reads each, or in an argument of <qemu:commandline>. Empty text claims none.
/// @throws Error Malformed for what is no domain, or an address that has not the form libvirt reads.
std::vector<DeviceId> claimed_devices(std::string_view domain_xml);

/// The same of a definition that is parsed already.
std::vector<DeviceId> claimed_devices(pugi::xml_node domain);

/// Each claim, in the order of the definition: a device that is claimed twice stands twice.
std::vector<DeviceId> all_claims(pugi::xml_node domain);

/// The PCI functions among claimed_devices().
std::vector<PciAddress> claimed_functions(pugi::xml_node domain);

/// The element by which a domain's definition claims a device, as it stands there; empty when it does not.
std::string hostdev_element(std::string_view domain_xml, DeviceId device);

/// By which name events speak of it. Empty: it is not there, or has none.
std::string hostdev_alias(std::string_view domain_xml, DeviceId device);

/// Whether libvirt itself takes a function from its driver and gives it back.
bool is_managed(std::string_view domain_xml, DeviceId device);

/// Whether something can be plugged into a port while the guest runs.
bool takes_hotplug(pugi::xml_node port);
/// By which name QEMU knows a PCI controller: libvirt keeps the user's own aliases, and calls all others by
/// their index.
std::string controller_alias(pugi::xml_node controller);

/// `domain_xml` with the UUID of `present`, unless it names one itself: libvirt takes a definition without a
/// UUID for a new domain, and refuses it when the name is taken. All else stays byte for byte.
std::string with_uuid_of(std::string_view present, std::string_view domain_xml);

/// Whether an <address> is one on a PCI bus. An <interface type='hostdev'> may also stand for a USB adapter.
bool is_pci(pugi::xml_node address);

}  // namespace gpupass
