// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/absence.hpp"
#include "apply/application.hpp"
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

Boot boot_since(const System& system, const Operation& operation) {
  return operation.boot_id == boot_id(system) ? Boot::Same : Boot::Another;
}

bool has_all_it_asked_for(System& system, const Operation& operation) {
  const std::optional<Plan> goal = goal_of(operation, boot_since(system, operation));
  return goal && is_reached(system, *goal);
}

/// The subjects of the changes that a boot has made by what the plan set for it.
std::set<std::string> made_by_boot(System& system, const Plan& plan) {
  std::set<std::string> subjects;
  for (const Step& step : plan.steps)
    for (const BootChange& change : made_by_boot(step.change))
      if (std::ranges::all_of(change.signs, [&](const Assumption& sign) { return holds(system, sign); }))
        subjects.insert(change.subject);
  return subjects;
}

/// The operation's plan, with only those undos that are to be done.
Plan with_undos_left(System& system, const Operation& operation) {
  const Boot boot = boot_since(system, operation);
  const auto repeated =
      boot == Boot::Another ? made_by_boot(system, operation.plan) : std::set<std::string>();
  return undos_left(operation, boot, repeated);
}

void expect_readable(const Operation& operation) {
  if (operation.unreadable.empty()) return;
  const std::string path = journal_path(operation.id);
  throw Error(
      ErrorCode::Malformed, operation.id, operation.unreadable,
      fmt::format("if a newer gpupass wrote it, recover with that version; otherwise check its devices and "
                  "guests by hand, then remove {}",
                  path));
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

/// A guest of the same name in another libvirt is another guest.
void expect_its_hypervisor(const System& system, const Operation& operation) {
  const std::string now = system.hypervisor_uri();
  if (operation.hypervisor == now || !concerns_guests(operation)) return;
  throw Error(ErrorCode::Refused, operation.id,
              fmt::format("cannot recover {}: saw the guests of {}, expected those of {}", operation.id, now,
                          operation.hypervisor),
              fmt::format("gpupass -c {} recover", shell_word(operation.hypervisor)));
}

}  // namespace

bool concerns_guests(const Operation& operation) {
  return std::ranges::any_of(operation.plan.steps,
                             [](const Step& step) { return changes_guest(step.change); });
}

Plan plan_recovery(System& system, const Operation& operation) {
  Plan recovery;
  if (!needs_recovery(operation)) return recovery;
  expect_readable(operation);
  expect_its_hypervisor(system, operation);
  if (has_all_it_asked_for(system, operation)) return recovery;
  expect_not_wedged(system, operation);
  const Plan plan = with_undos_left(system, operation);
  const Access looking(system, Access::Mode::Look);
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step)
    if (step->undo && !is_reached(system, *step->undo) && !is_moot(looking, *step->undo))
      recovery.steps.push_back({"undo: " + step->summary, "it was interrupted", *step->undo, std::nullopt});
  return recovery;
}

Report recover(System& system, const Operation& seen, const Progress& progress) {
  const Report already{Outcome::Already, /*changed=*/false, {}};
  if (!needs_recovery(seen)) return already;
  expect_readable(seen);
  expect_its_hypervisor(system, seen);
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
