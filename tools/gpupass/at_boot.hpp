// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "gpupass/policy.hpp"
#include "invocation.hpp"

namespace gpupass {

/// How often the machine is looked at again for what could not be planned before.
enum class Rounds : unsigned { One = 1, Some = 3 };

/// What the system's units do while the host boots: what was recorded for it.
int do_at_boot(const Invocation& invocation, const Parts& parts, BootPlans plan(const Host& host),
               Rounds rounds);

}  // namespace gpupass
