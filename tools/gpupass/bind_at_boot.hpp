// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "invocation.hpp"

namespace gpupass {

/// Binds what has a boot binding and is not bound yet, each card separately: an obstacle for one does not
/// affect the others. @returns the exit status: refused when any is not bound.
int bind_at_boot(const Invocation& invocation);

}  // namespace gpupass
