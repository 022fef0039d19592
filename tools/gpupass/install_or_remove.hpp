// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "gpupass/parts.hpp"
#include "gpupass/plan.hpp"
#include "invocation.hpp"

namespace gpupass {

/// Runs a verb whose one argument is install or remove. @returns the exit status.
using PlanOfHost = std::function<Plan(const Host& host)>;
int install_or_remove(const Invocation& invocation, Verb verb, const PlanOfHost& install,
                      const PlanOfHost& remove);

}  // namespace gpupass
