// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "guest/edit/recorded_identity.hpp"

/// Whether what stands at an address is the device that was meant.
namespace gpupass {

/// Where else than at `address` the device is now that was recorded there: where a serial number or a UUID
/// says so, or else where a device of its kind is in its slot. nullopt: nowhere, or nobody can tell.
std::optional<PciAddress> moved_to(const Host& host, PciAddress address, const Identity& recorded);

struct Doubt {
  Finding finding;
  std::optional<PciAddress> moved;  ///< Where the device is now.
};

/// What is to be said of the devices that the definition `xml` of `guest` has and records, by their addresses
/// there. Of one that is there, as far as one can tell, or nowhere: nothing.
/// @throws Error Malformed for what is no domain.
std::map<PciAddress, Doubt> identity_doubts(const Host& host, const std::string& guest,
                                            const std::string& xml);
std::map<PciAddress, Doubt> identity_doubts(const Host& host, const std::string& guest,
                                            pugi::xml_node domain);

/// The same of the definitions of all guests, about what is at one of the addresses `only`, or was.
std::vector<Finding> identity_findings(const Host& host, const std::vector<PciAddress>& only);

}  // namespace gpupass
