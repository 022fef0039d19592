// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "carry_out.hpp"
#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void add(Plan& plan, const Plan& more) {
  plan.steps.insert(plan.steps.end(), more.steps.begin(), more.steps.end());
}

/// The worst of both, and the steps of both.
void add(Report& report, const Report& more) {
  const bool first = report.outcome == Outcome::Already;
  report.outcome = first ? more.outcome : std::max(report.outcome, more.outcome);
  report.changed = report.changed || more.changed;
  report.steps.insert(report.steps.end(), more.steps.begin(), more.steps.end());
}

/// The last one first: what came later stands on what was before.
std::vector<Operation> interrupted(const System& system) {
  std::vector<Operation> operations = read_journal(system);
  std::erase_if(operations, [](const Operation& operation) { return !needs_recovery(operation); });
  std::ranges::reverse(operations);
  return operations;
}

int run(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto system = open_machine(invocation);
  const std::vector<Operation> operations = interrupted(*system);
  Plan plan;
  for (const Operation& operation : operations) add(plan, plan_recovery(*system, operation));
  if (!plan.steps.empty()) guard_recovery(look(invocation, *system, parts_for_devices()), plan);
  return carry_out(invocation, plan, [&](const Progress& progress) {
    Report report{.outcome = Outcome::Already, .changed = false, .steps = {}};
    for (const Operation& operation : operations) add(report, recover(*system, operation, progress));
    return report;
  });
}

}  // namespace

const Verb recover_verb = {
    .name = "recover",
    .arguments = "",
    .summary = "Undo what was interrupted",
    .effect = Effect::ChangesDevices,
    .later = {},
    .run = run,
};

}  // namespace gpupass
