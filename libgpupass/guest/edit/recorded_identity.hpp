// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/identity.hpp"
#include "gpupass/pci.hpp"

namespace pugi {
class xml_node;
}

/// Which devices a definition means: what gpupass writes into its <metadata>.
namespace gpupass {

inline constexpr const char* kMetadataNamespace = "urn:gpupass:domain:1";

/// The attributes that record it, behind those that are there.
void write_identity(pugi::xml_node element, const Identity& identity);
/// What an element records; a value of another form is unknown.
Identity read_identity(pugi::xml_node element);
/// What gpupass wrote into a domain's metadata: its <gpupass:vm>; an empty node where there is none.
pugi::xml_node own_metadata(pugi::xml_node domain);
/// The same as a text that does not depend on the prefix or on white space: "<vm>...</vm>", with one level of
/// elements and nothing of other namespaces, for gpupass writes no more. Empty: there is none.
/// @throws Error Malformed for what is no domain; empty text has none.
std::string own_metadata_text(std::string_view domain_xml);
/// Of all devices that a definition records. @throws Error as above.
std::map<PciAddress, Identity> recorded_identities(std::string_view domain_xml);
std::map<PciAddress, Identity> recorded_identities(pugi::xml_node domain);
/// A text as own_metadata_text() gives it, with these devices recorded, and without the forgotten ones.
std::string with_identities(const std::string& metadata, const std::map<PciAddress, Identity>& recorded,
                            const std::vector<PciAddress>& forgotten);

}  // namespace gpupass
