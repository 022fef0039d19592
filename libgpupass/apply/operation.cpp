// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/operation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/journal.hpp"
#include "apply/verify.hpp"
#include "change/change.hpp"
#include "change/journal_file.hpp"
#include "gpupass/error.hpp"
#include "values/shell_word.hpp"

namespace gpupass {

namespace {

/// Whether the boot would have made a slice, had the plan not had mdevctl forget it.
bool had_mdevctl_forget(const Step& step) {
  const auto* undo = step.undo ? std::get_if<SetMediatedDefinition>(&*step.undo) : nullptr;
  return undo && undo->at_boot.value_or(false);
}

/// The subjects of the changes that a boot has made by what the plan set for it, or has left out.
std::set<std::string> made_by_boot(System& system, const Plan& plan) {
  std::set<std::string> subjects;
  for (const Step& step : plan.steps) {
    for (const BootChange& change : made_by_boot(step.change))
      if (std::ranges::all_of(change.signs, [&](const Assumption& sign) { return holds(system, sign); }))
        subjects.insert(change.subject);
    if (had_mdevctl_forget(step))
      for (const BootChange& change : made_by_boot(*step.undo)) subjects.insert(change.subject);
  }
  return subjects;
}

}  // namespace

Boot boot_since(const System& system, const Operation& operation) {
  return operation.boot_id == boot_id(system) ? Boot::Same : Boot::Another;
}

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

void expect_its_hypervisor(const System& system, const Operation& operation, const std::string& verb) {
  const std::string now = system.hypervisor_uri();
  if (operation.hypervisor == now || !concerns_guests(operation)) return;
  throw Error(ErrorCode::Refused, operation.id,
              fmt::format("cannot {} {}: saw the guests of {}, expected those of {}", verb, operation.id, now,
                          operation.hypervisor),
              fmt::format("gpupass -c {} {}", shell_word(operation.hypervisor), verb));
}

bool concerns_guests(const Operation& operation) {
  return std::ranges::any_of(operation.plan.steps,
                             [](const Step& step) { return changes_guest(step.change); });
}

}  // namespace gpupass
