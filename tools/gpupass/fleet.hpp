// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "invocation.hpp"

/// Verbs on other hosts.
namespace gpupass {

/// What a gpupass on another host asks with: `gpupass __probe VERB [NAME...]` prints the Host that the verb
/// looks at, as JSON.
inline constexpr const char* kProbeVerb = "__probe";
int print_host(const Invocation& invocation);

/// Carries a reading verb out over every host of --hosts. What is not reached is told beside the others'
/// answers. @throws Error Usage for a verb, or an option, that is about one machine.
int run_on_fleet(const Invocation& invocation);

/// The host of --host runs this command line itself, by ssh.
/// @param words all of the command line but the program.
[[noreturn]] void run_there(const Invocation& invocation, const std::vector<std::string>& words);

}  // namespace gpupass
