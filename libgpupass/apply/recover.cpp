// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/absence.hpp"
#include "apply/application.hpp"
#include "apply/operation.hpp"
#include "apply/perform.hpp"
#include "apply/recovery.hpp"
#include "apply/verify.hpp"
#include "change/change.hpp"
#include "change/journal_file.hpp"
#include "codec/wedged_file.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "system/stuck.hpp"
#include "values/shell_word.hpp"

namespace gpupass {

namespace {

bool has_all_it_asked_for(System& system, const Operation& operation) {
  const std::optional<Plan> goal = goal_of(operation, boot_since(system, operation));
  return goal && is_reached(system, *goal);
}

/// The functions whose driver may have hung in the operation.
std::set<PciAddress> perhaps_wedged(const System& system, const Operation& operation) {
  std::set<PciAddress> devices;
  if (operation.outcome != Outcome::Wedged || operation.boot_id != boot_id(system)) return devices;
  for (const Step& step : operation.plan.steps)
    if (const auto function = function_of(step.change)) devices.insert(*function);
  return devices;
}

/// A driver may have returned late, once the last process had closed the device.
void expect_not_wedged(const System& system, const Operation& operation) {
  for (const PciAddress device : perhaps_wedged(system, operation))
    if (is_stuck(system, device))
      throw Error(ErrorCode::Wedged, operation.id,
                  fmt::format("cannot recover {}: the driver of {} has not returned yet", operation.id,
                              device.to_string()),
                  "end what has the device open, then try again; if that does not help, reboot the host");
}

void forget_wedged(System& system, const Operation& operation) {
  for (const PciAddress device : perhaps_wedged(system, operation)) system.remove(wedged_path(device));
}

}  // namespace

Plan plan_recovery(System& system, const Operation& operation) {
  Plan recovery;
  if (!needs_recovery(operation)) return recovery;
  expect_readable(operation);
  expect_its_hypervisor(system, operation, "recover");
  if (has_all_it_asked_for(system, operation)) return recovery;
  expect_not_wedged(system, operation);
  const Plan plan = with_undos_left(system, operation);
  const Access looking(system, Access::Mode::Look);
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step)
    if (step->undo && !is_reached(system, *step->undo) && !why_moot(looking, *step->undo))
      recovery.steps.push_back({"undo: " + step->summary, "it was interrupted", *step->undo, std::nullopt});
  return recovery;
}

Report recover(System& system, const Operation& seen, const Progress& progress) {
  const Report already{Outcome::Already, /*changed=*/false, {}};
  if (!needs_recovery(seen)) return already;
  expect_readable(seen);
  expect_its_hypervisor(system, seen, "recover");
  expect_not_wedged(system, seen);
  const Locks locks = lock_all(system, plan_left(seen));
  // Another process may have recovered it while it held the locks; then the present state is wanted.
  const std::optional<Operation> now = read_operation(system, seen.id);
  if (!now || !needs_recovery(*now)) return already;
  const Operation& operation = *now;
  expect_readable(operation);
  expect_not_wedged(system, operation);
  forget_wedged(system, operation);
  Journal journal(system, operation.id);
  if (has_all_it_asked_for(system, operation)) {
    journal.end(Outcome::Done);
    return already;
  }
  const Plan plan = with_undos_left(system, operation);
  Report report = Application(system, plan, progress, journal).run_undo(plan.steps.size());
  if (report.outcome == Outcome::RolledBack) report.outcome = Outcome::Done;
  return report;
}

}  // namespace gpupass
