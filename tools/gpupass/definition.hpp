// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "gpupass/guest.hpp"
#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "invocation.hpp"

namespace gpupass {

/// A guest's definition, made for what the command line asks for, and all that it was made from.
struct GuestDefinition {
  std::optional<DomainXml> from;  ///< The guest whose definition is the base, with its secrets.
  std::string base_name;          ///< Of the guest or the file that the base comes from.
  Base base;
  Host host;
  std::vector<Finding> passed_over;  ///< By collective names of GPUs.
  MadeDefinition made;

  const std::string& name() const { return made.request.name; }
};

/// Looks at the machine, places the guest and writes its definition. What is doubtful in it is told.
/// @param asked what the command line asks for.
/// @param present the guest's own definition, to begin with where the command line names no other.
/// @throws Error Refused when check_domain() finds a failure in it.
GuestDefinition make_definition(const Invocation& invocation, System& system, const Request& asked,
                                const std::optional<DomainXml>& present = {});

}  // namespace gpupass
