// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "apply/operation.hpp"
#include "apply/perform.hpp"
#include "apply/verify.hpp"
#include "change/change.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

[[noreturn]] void refuse_undo(const Operation& operation, const std::string& why, const std::string& hint) {
  throw Error(ErrorCode::Refused, operation.id, fmt::format("cannot undo {}: {}", operation.id, why), hint);
}

void expect_done(const Operation& operation) {
  if (needs_recovery(operation))
    refuse_undo(operation, "it was interrupted", "gpupass recover brings its devices and guests in order");
  if (!is_to_undo(operation))
    refuse_undo(operation, "it changed nothing that is still there", "gpupass history lists the others");
}

/// How the subjects of an operation are now.
struct Found {
  std::set<std::string> as_left;     ///< As the operation left them.
  std::vector<std::string> another;  ///< What they should be still and are not.
};

/// Of several changes of one subject the last one left it as it should be, and the first one found it as it
/// was. A subject that is as it was found needs no undo.
Found subjects_now(System& system, const Plan& plan) {
  std::map<std::string, std::pair<const Step*, const Step*>> first_and_last;
  for (const Step& step : plan.steps)
    if (step.undo) {
      auto& [first, last] = first_and_last[subject_of(step.change)];
      if (!first) first = &step;
      last = &step;
    }
  Found found;
  const Access looking(system, Access::Mode::Look);
  for (const auto& [subject, steps] : first_and_last) {
    const auto& [first, last] = steps;
    // Some drivers tell a setting only while they are bound.
    if (found_reached(system, last->change).value_or(true))
      found.as_left.insert(subject);
    else if (!is_reached(system, *first->undo) && !why_moot(looking, last->change))
      found.another.push_back(subject);
  }
  return found;
}

/// What the machine shows while a step's change is in force, so that apply() notices when it no longer is.
void assume_still(Plan& undo, System& system, const Change& change) {
  const auto assume = [&](Assumption assumption) {
    if (std::ranges::find(undo.assumes, assumption) == undo.assumes.end())
      undo.assumes.push_back(std::move(assumption));
  };
  if (const auto* driver = std::get_if<SetDriver>(&change)) {
    const std::string path = sysfs_folder(driver->device) + "/driver";
    const std::string now = system.link(path).value_or("");
    assume({Assumption::Kind::Link, path, now.substr(now.rfind('/') + 1)});
  }
  if (const auto guest = guest_of(change)) {
    const Fact<DomainXml> domain = system.hypervisor().domain(*guest);
    if (!domain.unknown())
      assume({Assumption::Kind::Domain, *guest, fingerprint(domain ? &*domain : nullptr)});
  }
}

}  // namespace

bool is_to_undo(const Operation& operation) {
  return operation.unreadable.empty() &&
         (operation.outcome == Outcome::Done || operation.outcome == Outcome::Pending);
}

Plan plan_undo(System& system, const Operation& operation) {
  expect_readable(operation);
  expect_its_hypervisor(system, operation, "undo");
  expect_done(operation);
  const Plan plan = with_undos_left(system, operation);
  const Found found = subjects_now(system, plan);
  if (!found.another.empty())
    refuse_undo(operation,
                fmt::format("since then others have changed {}", fmt::join(found.another, " and ")),
                "undo what came later first: gpupass history shows it");
  Plan undo;
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
    if (!step->undo || !found.as_left.contains(subject_of(step->change))) continue;
    assume_still(undo, system, step->change);
    undo.steps.push_back(
        {words_for(*step->undo), "it takes back: " + step->summary, *step->undo, step->change});
  }
  return undo;
}

}  // namespace gpupass
