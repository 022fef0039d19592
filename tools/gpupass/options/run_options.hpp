// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "gpupass/request.hpp"
#include "gpupass/system.hpp"
#include "invocation.hpp"

/// What run takes beside the options of a guest: what it boots from, and what configures it.
namespace gpupass {

void describe_run_options(po::options_description& options);

/// What the command line asks for: a guest that boots, with a network, an agent's channel and, where somebody
/// needs one, a display. @throws Error Usage; NotFound for a file that is not there.
Request run_request_of(const Invocation& invocation, const System& system);

/// What --cloud-init names; empty when it was not given. @throws Error NotFound, Malformed.
std::string user_data_of(const Invocation& invocation);

}  // namespace gpupass
