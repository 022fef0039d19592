// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "gpupass/policy.hpp"
#include "invocation.hpp"

/// The options of all verbs that bind: what the user gives up, by name.
namespace gpupass {

/// --force alone, for the verbs that do not bind but ask the same guards.
void describe_force(po::options_description& options);
/// @throws Error Usage for what is no address.
std::vector<PciAddress> forced_devices(const Invocation& invocation);

void describe_bind_options(po::options_description& options);
/// @throws Error Usage for what is no address, and no service.
BindOptions bind_options(const Invocation& invocation);

}  // namespace gpupass
