// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/request.hpp"
#include "invocation.hpp"

/// What place, xml and define share: how a guest is asked for.
namespace gpupass {

void describe_request_options(po::options_description& options);

/// What the options ask for. @throws Error Usage.
Request request_of(const Invocation& invocation);

/// Every function that a request may name, for look().
std::vector<std::string> names_in(const Request& request);

}  // namespace gpupass
