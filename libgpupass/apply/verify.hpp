// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// Whether the machine is as assumed now.
bool holds(System& system, const Assumption& assumption);

/// Looks whether the machine still is as the plan believes.
/// @throws Error Busy naming the subject, what was seen and what was expected.
void require_fresh(System& system, const Plan& plan);

}  // namespace gpupass
