// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "invocation.hpp"

namespace gpupass {

/// Binds what is to be bound at boot and is not yet, each card for itself: what is in the way of one is none
/// of the others' business. @returns the exit status: refused when any is not bound.
int bind_at_boot(const Invocation& invocation);

}  // namespace gpupass
