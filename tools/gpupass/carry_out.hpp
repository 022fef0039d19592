// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "gpupass/apply.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/system.hpp"
#include "invocation.hpp"

namespace gpupass {

using Performer = std::function<Report(const Progress& progress)>;
/// The text of a result.
using Printer = std::function<std::string(const Report& report)>;

/// A plan, and the host that it is for.
struct Prepared {
  Host host;
  Plan plan;
  std::vector<Finding> passed_over = {};  ///< By collective names.
  Performer perform = {};                 ///< In another way than by apply(). Empty: by apply().
  Printer result = {};                    ///< The result in place of the report. Empty: the report.
};
/// Looks at the machine, judges and plans.
using Planner = std::function<Prepared(const Invocation& invocation)>;

/// What every changing verb does with a plan: prints it for --dry-run, and what the host will be; else asks
/// where a terminal can be asked, applies it and prints the report. A question may stand for hours, so it is
/// prepared again after the answer. @returns the exit status.
/// @throws Error Busy when the plan is another by then, or what the second preparation throws.
int carry_out(const Invocation& invocation, System& system, const Planner& prepare);

/// The same for a plan that is performed in another way than by apply(). `outlook` is what the host will be.
int carry_out(const Invocation& invocation, const Plan& plan, const std::string& outlook,
              const Performer& perform, const std::vector<Finding>& passed_over = {},
              const Printer& result = {});

}  // namespace gpupass
