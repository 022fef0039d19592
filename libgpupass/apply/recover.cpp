// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "apply/application.hpp"
#include "apply/failure.hpp"
#include "apply/perform.hpp"
#include "apply/subjects.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"

namespace gpupass {

namespace {

/// What is there still after another boot: definitions of guests.
bool lasts(const Change& change) {
  const auto* device = std::get_if<SetDevice>(&change);
  return std::holds_alternative<SetDomain>(change) || (device && device->scope == Scope::Config);
}

/// A step that was begun and is not noted as such is one that a loss of power took.
std::size_t begun(const System& system, const Operation& operation) {
  return operation.boot_id == boot_id(system) ? operation.started : operation.plan.steps.size();
}

bool has_all_it_asked_for(System& system, const Operation& operation) {
  return !operation.outcome && operation.started == operation.plan.steps.size() &&
         operation.boot_id == boot_id(system) && is_reached(system, operation.plan);
}

/// The operation's plan, with only those undos that are to be done.
Plan with_undos_left(System& system, const Operation& operation) {
  Plan plan = operation.plan;
  plan.steps.resize(begun(system, operation));
  const bool same_boot = operation.boot_id == boot_id(system);
  for (Step& step : plan.steps)
    if (step.undo && !same_boot && !lasts(*step.undo)) step.undo.reset();
  return plan;
}

void expect_not_wedged(const System& system, const Operation& operation) {
  if (operation.outcome == Outcome::Wedged && operation.boot_id == boot_id(system))
    throw failure(ErrorCode::Wedged, "recover", operation.id, "a driver that does not return", "a reboot first");
}

/// A guest of the same name in another libvirt is another guest.
void expect_its_hypervisor(const System& system, const Operation& operation) {
  const auto is_of_guest = [](const Step& step) { return changes_guest(step.change); };
  const std::string now = system.hypervisor_uri();
  if (operation.hypervisor == now || std::ranges::none_of(operation.plan.steps, is_of_guest)) return;
  throw Error(ErrorCode::Refused, operation.id,
              fmt::format("cannot recover {}: saw the guests of {}, expected those of {}", operation.id, now,
                          operation.hypervisor),
              fmt::format("gpupass -c {} recover", operation.hypervisor));
}

}  // namespace

Plan plan_recovery(System& system, const Operation& operation) {
  Plan recovery;
  if (!needs_recovery(operation)) return recovery;
  expect_its_hypervisor(system, operation);
  if (has_all_it_asked_for(system, operation)) return recovery;
  expect_not_wedged(system, operation);
  const Plan plan = with_undos_left(system, operation);
  const Access looking(system, Access::Hands::Tied);
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step)
    if (step->undo && !is_reached(system, *step->undo) && !is_moot(looking, *step->undo))
      recovery.steps.push_back({"undo: " + step->summary, "it was cut off", *step->undo, std::nullopt});
  return recovery;
}

Report recover(System& system, const Operation& operation, const Progress& progress) {
  if (!needs_recovery(operation)) return {Outcome::Already, /*changed=*/false, {}};
  expect_its_hypervisor(system, operation);
  expect_not_wedged(system, operation);
  const Locks locks = lock_all(system, operation.plan);
  Journal journal(system, operation.id);
  if (has_all_it_asked_for(system, operation)) {
    journal.end(Outcome::Done);
    return {Outcome::Already, /*changed=*/false, {}};
  }
  const Plan plan = with_undos_left(system, operation);
  Report report = Application(system, plan, progress, journal).run_undo(plan.steps.size());
  if (report.outcome == Outcome::RolledBack) report.outcome = Outcome::Done;
  return report;
}

}  // namespace gpupass
