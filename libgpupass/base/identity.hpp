// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"

namespace pugi {
class xml_node;
}

/// Which device a function is, whatever its address is called today: addresses move when a card or a disk is
/// added.
namespace gpupass {

inline constexpr std::size_t kLongestIdentityText =
    256;  ///< No serial number is longer, and no board has ports so deep.

/// What is known of it; the rest is empty.
struct Identity {
  std::optional<std::uint16_t> vendor;
  std::optional<std::uint16_t> device;
  std::optional<std::uint16_t> subsystem_vendor;
  std::optional<std::uint16_t> subsystem_device;
  std::string serial;  ///< Of the Device Serial Number capability. All functions of a card may have the same.
  std::string uuid;    ///< The vendor driver's.
  std::string path;    ///< slot_path().
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// What it tells of itself, and what bind has written down of it: on vfio-pci no driver tells a UUID.
Identity identity_of(const Host& host, const PciFunction& function);
Identity identity_of(const Home& home);
/// "10de:2330, serial number 48b02d0000a1b2c3".
std::string text_of(const Identity& identity);

/// Where a function is plugged in, in terms that no other card moves: "pci0000:60/01.0/00.0" is the host
/// bridge, then the device and function numbers of each port on the way, and its own. Empty: not all of the
/// way is known.
std::string slot_path(const Host& host, const PciFunction& function);

enum class Likeness {
  Same,   ///< A serial number or UUID says so.
  Alike,  ///< Nothing says so, and nothing says otherwise: cards of one model may have no serial number.
  Other,
};
Likeness likeness(const Identity& one, const Identity& other);

/// With what was known earlier, while the device was on its own driver, say; nothing of what is another
/// device's, or may be.
Identity completed(Identity now, const Identity& earlier);

// --- in a definition's <metadata> ---

inline constexpr const char* kMetadataNamespace = "urn:gpupass:domain:1";

/// The attributes that record it, behind those that are there.
void write_identity(pugi::xml_node element, const Identity& identity);
/// What an element records; whatever has another form is not known.
Identity read_identity(pugi::xml_node element);
/// What gpupass wrote into a domain's metadata: its <gpupass:vm>; an empty node where there is none.
pugi::xml_node own_metadata(pugi::xml_node domain);
/// The same as a text that does not depend on the prefix or on white space: "<vm>...</vm>", with one level of
/// elements and nothing of other namespaces, for gpupass writes no more. Empty: there is none.
/// @throws Error Malformed for what is no domain; empty text has none.
std::string own_metadata_text(std::string_view domain_xml);
/// Of all devices that a definition records. @throws Error as above.
std::map<PciAddress, Identity> recorded_identities(std::string_view domain_xml);
/// A text as own_metadata_text() gives it, with these devices recorded, and without the forgotten ones.
std::string with_identities(const std::string& metadata, const std::map<PciAddress, Identity>& recorded,
                            const std::vector<PciAddress>& forgotten);

}  // namespace gpupass
