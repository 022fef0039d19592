// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "gpupass/apply.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"
#include "invocation.hpp"

namespace gpupass {

/// What every changing verb does with a plan for `host`: prints it for --dry-run, and what the host will be;
/// else asks where a terminal can be asked, applies it and prints the report. @returns the exit status.
int carry_out(const Invocation& invocation, System& system, const Host& host, const Plan& plan);

/// The same for a plan that is performed in another way than by apply(). `outlook` is what the host will be.
using Performer = std::function<Report(const Progress& progress)>;
int carry_out(const Invocation& invocation, const Plan& plan, const std::string& outlook,
              const Performer& perform);

}  // namespace gpupass
