// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/request.hpp"
#include "gpupass/system.hpp"
#include "invocation.hpp"

/// The machine that a command line is about, and a look at it.
namespace gpupass {

std::unique_ptr<System> open_machine(const Invocation& invocation);

/// Probes, and tells on stderr what could not be seen. Looks at all by which `names` are found; functions
/// among them are looked at like GPUs.
Host look(const Invocation& invocation, const System& system, const Parts& parts,
          const std::vector<std::string>& names = {});

/// What GPU names stand for; tells what collective names passed over, and why.
std::vector<PciAddress> chosen_gpus(const Invocation& invocation, const Host& host,
                                    const std::vector<std::string>& names);

/// The same for the GPUs of a request, which has their addresses then.
void settle_gpus(const Invocation& invocation, const Host& host, Request& request);

/// The named domain as the hypervisor describes it; for another root without a URI, as the capture does.
/// @returns nullopt when there is none.
std::optional<DomainXml> existing_domain(const Invocation& invocation, System& system,
                                         const std::string& name);

/// The same. @throws Error NotFound when there is none.
DomainXml present_domain(const Invocation& invocation, System& system, const std::string& name);

}  // namespace gpupass
