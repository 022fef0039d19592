// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "guest/edit/recorded_identity.hpp"

/// Whether the device at an address is the one that a definition means.
namespace gpupass {

/// The present address of the device that was recorded at `address`, if it has moved: where a serial number
/// or a UUID matches, or else where a device of its kind is in its slot. nullopt: it is not found, or not
/// unique.
std::optional<PciAddress> moved_to(const Host& host, PciAddress address, const Identity& recorded);

struct Doubt {
  Finding finding;
  std::optional<PciAddress> moved;  ///< Where the device is now.
};

/// Doubts about the devices that the definition `xml` of `guest` has and records, by their addresses there.
/// There is no doubt about a device that seems to be in its place, or that does not exist.
/// @throws Error Malformed for what is no domain.
std::map<PciAddress, Doubt> identity_doubts(const Host& host, const std::string& guest,
                                            const std::string& xml);
std::map<PciAddress, Doubt> identity_doubts(const Host& host, const std::string& guest,
                                            pugi::xml_node domain);

/// The same of the definitions of all guests, about what is at one of the addresses `only`, or was.
std::vector<Finding> identity_findings(const Host& host, const std::vector<PciAddress>& only);

}  // namespace gpupass
