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

/// What tells UUIDs and serial numbers, which `list` has in JSON alone.
inline constexpr Parts kSerialNumbers{.details = true, .config = true};

/// Probes, and tells on stderr what could not be seen if the user asked for more. Looks at all by which
/// `names` are found; functions among them are looked at like GPUs. With
/// --hosts it is the host that was looked at already.
Host look(const Invocation& invocation, const System& system, const Parts& parts,
          const std::vector<std::string>& names = {});

/// The same of the machine that the invocation names.
Host look(const Invocation& invocation, const Parts& parts, const std::vector<std::string>& names = {});

/// Tells on stderr, in one line after an answer, that something could not be seen.
void tell_limits(const Invocation& invocation, const Host& host);
/// The same if these GPUs have an answer that is not known, or if the user named a libvirt to ask.
void tell_limits(const Invocation& invocation, const Host& host, const std::vector<Assessment>& gpus);

/// Tells what collective names left out, and why.
void tell_passed_over(const Invocation& invocation, const Selection& selection);

/// What GPU names stand for; tells what collective names left out, and why.
Selection chosen_gpus(const Invocation& invocation, const Host& host, const std::vector<std::string>& names);

/// The same for the GPUs of a request, which has their addresses then. @returns what was left out.
std::vector<Finding> settle_gpus(const Invocation& invocation, const Host& host, Request& request);

/// The named domain as the hypervisor describes it; for another root without a URI, as the capture does.
/// @returns nullopt when there is none.
std::optional<DomainXml> existing_domain(const Invocation& invocation, System& system,
                                         const std::string& name);

/// The same. @throws Error NotFound when there is none.
DomainXml present_domain(const Invocation& invocation, System& system, const std::string& name);

}  // namespace gpupass
