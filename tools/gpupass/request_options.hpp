// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "gpupass/request.hpp"
#include "invocation.hpp"

/// What place, xml and define share: how a guest is asked for.
namespace gpupass {

void describe_request_options(po::options_description& options);
/// The same, and --base.
void describe_definition_options(po::options_description& options);

/// What the options ask for. @throws Error Usage.
Request request_of(const Invocation& invocation);
/// The text of --base, from stdin for "-"; empty when it was not given. @throws Error NotFound, Malformed.
std::string base_of(const Invocation& invocation);

}  // namespace gpupass
