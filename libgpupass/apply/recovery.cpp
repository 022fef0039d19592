// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/recovery.hpp"

#include <algorithm>

#include "change/change.hpp"

namespace gpupass {

namespace {

/// After another boot, what is bound at boot and the drivers can be as asked. What else was set in the
/// kernel, or in its services, vanished with that boot.
std::optional<Plan> goal_after_boot(const Operation& operation) {
  Plan goal = operation.plan;
  std::erase_if(goal.steps,
                [](const Step& step) { return !lasts(step.change) && !may_come_with_boot(step.change); });
  const bool about_boot =
      std::ranges::any_of(goal.steps, [](const Step& step) { return steers_boot(step.change); });
  return about_boot ? std::optional(goal) : std::nullopt;
}

}  // namespace

std::optional<Plan> goal_of(const Operation& operation, Boot boot) {
  if (operation.outcome) return std::nullopt;
  if (boot == Boot::Another) return goal_after_boot(operation);
  const bool all_begun = operation.started == operation.plan.steps.size();
  return all_begun ? std::optional(operation.plan) : std::nullopt;
}

Plan undos_left(const Operation& operation, Boot boot, const std::set<std::string>& repeated) {
  Plan plan = operation.plan;
  // A loss of power may have destroyed the line that a step was begun.
  if (boot == Boot::Same) plan.steps.resize(operation.started);
  for (std::size_t index = 0; index < plan.steps.size(); ++index) {
    std::optional<Change>& undo = plan.steps[index].undo;
    if (!undo) continue;
    const bool vanished = boot == Boot::Another && !lasts(*undo) && !repeated.contains(subject_of(*undo));
    if (vanished || !operation.left.contains(index)) undo.reset();
  }
  return plan;
}

}  // namespace gpupass
