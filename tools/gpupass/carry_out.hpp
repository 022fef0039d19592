// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "gpupass/apply.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"
#include "invocation.hpp"

namespace gpupass {

/// What every changing verb does with its plan: prints it for --dry-run; else asks where a terminal can be
/// asked, applies it and prints the report. @returns the exit status.
int carry_out(const Invocation& invocation, System& system, const Plan& plan);

/// The same for a plan that is performed in another way than by apply().
using Performer = std::function<Report(const Progress& progress)>;
int carry_out(const Invocation& invocation, const Plan& plan, const Performer& perform);

}  // namespace gpupass
