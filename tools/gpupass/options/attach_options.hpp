// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "gpupass/policy.hpp"
#include "invocation.hpp"

/// What attach and detach share.
namespace gpupass {

void describe_attach_options(po::options_description& options);
void describe_timeout(po::options_description& options);
/// @throws Error Usage.
AttachOptions attach_options(const Invocation& invocation);

}  // namespace gpupass
