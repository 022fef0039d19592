// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "gpupass/request.hpp"
#include "invocation.hpp"

/// What xml, define and run share beside the options of place: what else the guest shall be, and what it is
/// made from.
namespace gpupass {

/// The request's options, and those of a guest's definition.
void describe_guest_options(po::options_description& options);
/// The same, and what the definition is made from.
void describe_definition_options(po::options_description& options);

/// A request for the guest that the verb's argument names. @throws Error Usage.
Request definition_request_of(const Invocation& invocation);
/// Checks for contradictions, once the base's own firmware is known. @throws Error Usage.
void expect_sensible(const Request& request);
/// What the user should know of what was asked for.
void warn_of(const Invocation& invocation, const Request& request);

/// Whether --base or --from is there. @throws Error Usage when both are.
bool has_base(const Invocation& invocation);
/// The text of --base, from stdin for "-"; empty when it was not given. @throws Error NotFound, Malformed.
std::string base_of(const Invocation& invocation);

}  // namespace gpupass
