// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "invocation.hpp"

namespace gpupass {

/// What `hook install` writes, without its last newline.
std::string shipped_hook();

/// The hidden verb by which that asks: __hook prepare|release NAME, with the guest's definition on stdin.
inline constexpr const char* kHookVerb = "__hook";

/// Does what libvirt's hook has to do. @returns the exit status, which refuses the start of a guest.
int run_hook(const Invocation& invocation);

}  // namespace gpupass
