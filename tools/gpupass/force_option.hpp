// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "gpupass/policy.hpp"
#include "invocation.hpp"

/// --force, of all verbs that bind: it names each device whose protection the user gives up.
namespace gpupass {

void describe_force_option(po::options_description& options);
/// @throws Error Usage for what is no address.
std::vector<PciAddress> forced_devices(const Invocation& invocation);

}  // namespace gpupass
