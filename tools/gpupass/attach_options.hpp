// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "gpupass/policy.hpp"
#include "invocation.hpp"

/// What attach and detach share.
namespace gpupass {

void describe_attach_options(po::options_description& options);
/// @throws Error Usage.
AttachOptions attach_options(const Invocation& invocation);
/// @throws Error NotFound when there is no such domain.
DomainXml present_domain(const Invocation& invocation, System& system, const std::string& name);

}  // namespace gpupass
