// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/apply.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/application.hpp"
#include "apply/perform.hpp"
#include "apply/verify.hpp"
#include "change/change.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"

namespace gpupass {

namespace {

bool touches_host(const Plan& plan) {
  return !std::ranges::all_of(plan.steps, [](const Step& step) { return changes_guest(step.change); });
}

/// A user who may not lock may still change guests, which libvirt protects.
Locks locks_for(System& system, const Plan& plan) {
  try {
    return lock_all(system, plan);
  } catch (const Error& error) {
    if (touches_host(plan) || error.code() == ErrorCode::Busy) throw;
    return {};
  }
}

[[noreturn]] void refuse_unreadable(const Operation& operation) {
  throw Error(ErrorCode::Refused, operation.id,
              fmt::format("cannot begin: an earlier operation on the same devices or guests may have been "
                          "interrupted, and its record cannot be read: {}",
                          operation.unreadable),
              "gpupass recover says what to do");
}

/// After an interrupted change nobody asked for the present state of these devices and guests.
void require_recovered(System& system, const Plan& plan) {
  const auto wanted = locks_of(plan);
  for (const Operation& operation : interrupted_operations(system)) {
    if (!may_concern(system, operation, wanted)) continue;
    if (!operation.unreadable.empty()) refuse_unreadable(operation);
    if (plan_recovery(system, operation).steps.empty()) {
      Journal(system, operation.id).end(Outcome::RolledBack);
      continue;
    }
    throw Error(ErrorCode::Refused, operation.id,
                fmt::format("cannot begin: an earlier operation was interrupted at \"{}\"",
                            operation.plan.steps[std::max<std::size_t>(operation.started, 1) - 1].summary),
                "gpupass recover undoes it first; gpupass history shows it");
  }
}

}  // namespace

Report apply(System& system, const Plan& plan, const Progress& progress) {
  if (plan.steps.empty()) return {Outcome::Already, /*changed=*/false, {}};
  require_well_formed(plan);
  const Locks locks = locks_for(system, plan);
  // A captured machine has no journal, and neither has a user who may not write to /run.
  const bool noted = system.live() && !locks.empty();
  if (noted) require_recovered(system, plan);
  try {
    require_fresh(system, plan);
  } catch (const Error&) {
    // A plan that was carried out before is stale, but the host is in its final state.
    if (is_reached(system, plan)) return {Outcome::Already, /*changed=*/false, {}};
    throw;
  }
  auto journal = noted ? std::optional(Journal::begin(system, plan)) : std::nullopt;
  return Application(system, plan, progress, std::move(journal)).run();
}

}  // namespace gpupass
