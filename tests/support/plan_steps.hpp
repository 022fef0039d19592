// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/plan.hpp"

/// Parts of a plan: enough for laws about plans alone.
namespace gpupass {

/// After the first `count` steps.
inline Host after(const Host& host, Plan plan, std::size_t count) {
  plan.steps.resize(count);
  return after(host, plan);
}

/// After undoing the first `count` steps, last first.
inline Host undone(const Host& host, const Plan& plan, std::size_t count) {
  Plan undo;
  while (count > 0)
    if (const Step& step = plan.steps[--count]; step.undo) undo.steps.push_back({"", "", *step.undo, {}});
  return after(host, undo);
}

/// What its steps call themselves, in order.
inline std::vector<std::string> summaries(const Plan& plan) {
  std::vector<std::string> result;
  for (const Step& step : plan.steps) result.push_back(step.summary);
  return result;
}

}  // namespace gpupass
