// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "invocation.hpp"

/// Which machine a command line is about.
namespace gpupass {

/// The URI that libvirt will be asked with: -c, else LIBVIRT_DEFAULT_URI. Empty: libvirt's own choice.
std::string effective_uri(const Invocation& invocation);
/// Whether the URI names another machine: qemu+ssh://host/system.
bool is_remote(const std::string& uri);
/// Whether a URI keeps its guests inside this process's worker and thus touches no machine: test:,
/// qemu:///embed.
bool is_in_process(const std::string& uri);

/// For what changes devices. @throws Error Usage for another root (but for a dry run) and for a remote
/// libvirt.
void expect_this_machine(const Invocation& invocation);

}  // namespace gpupass
