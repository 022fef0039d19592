// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/request.hpp"
#include "gpupass/system.hpp"
#include "invocation.hpp"

namespace gpupass {

/// A guest's definition, made for what the command line asks for, and all that it was made from.
struct Definition {
  std::optional<DomainXml> from;  ///< --from, with its secrets.
  std::string base_name;          ///< Of --base or --from.
  std::string base;               ///< With its secrets; empty: made from nothing.
  Request request;
  Host host;
  Placement placement;
  std::string xml;
};

/// Looks at the machine, places the guest and writes its definition. What is doubtful in it is told.
/// @throws Error Refused when check_domain() finds a failure in it.
Definition make_definition(const Invocation& invocation, System& system);

}  // namespace gpupass
