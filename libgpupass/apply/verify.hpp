// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// Looks at the plan alone. What it says may come from a file: names that become part of a path, for one.
/// @throws Error Malformed naming the subject, what was seen and what was expected.
void require_well_formed(const Plan& plan);

/// Looks whether the machine still is as the plan believes.
/// @throws Error Busy naming the subject, what was seen and what was expected.
void require_fresh(System& system, const Plan& plan);

}  // namespace gpupass
