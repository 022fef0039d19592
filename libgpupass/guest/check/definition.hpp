// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/guest.hpp"

namespace pugi {
class xml_node;
}

namespace gpupass {

/// The faults of a definition on a host, for check_domain(). An unknown fact of the host is not a fault.
/// @throws Error Malformed for what is no domain.
std::vector<Finding> check_definition(const Host& host, const std::string& xml);
std::vector<Finding> check_definition(const Host& host, pugi::xml_node domain);

/// A definition that was written for a placement, and how it compares with its base.
struct CheckedDefinition {
  std::string xml;
  std::vector<Finding> findings;          ///< Of check_definition().
  std::vector<Finding> base_findings;     ///< The same for the base.
  std::vector<std::string> base_devices;  ///< Addresses that go along with the GPUs in the base.
};

/// Parses a definition once, checks it, writes it anew, and checks it again.
/// @throws Error Malformed when the base is not a domain; Usage, Refused as render_domain() does.
CheckedDefinition write_checked(const Host& host, const Request& request, const Placement& placement,
                                const Base& base);

}  // namespace gpupass
