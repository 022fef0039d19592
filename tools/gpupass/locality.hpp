// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "invocation.hpp"

/// Which machine a command line is about.
namespace gpupass {

/// For what changes devices. @throws Error Usage for another root (but for a dry run) and for a remote
/// libvirt.
void expect_this_machine(const Invocation& invocation);

}  // namespace gpupass
