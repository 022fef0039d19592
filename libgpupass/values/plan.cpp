// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/plan.hpp"

#include <algorithm>
#include <iterator>

#include "gpupass/report.hpp"

namespace gpupass {

namespace {

/// The worse of two; Done is worse than Already.
Outcome worse(Outcome one, Outcome other) {
  if (one == Outcome::Already) return other;
  return other == Outcome::Already ? one : std::max(one, other);
}

}  // namespace

void append(Plan& plan, Plan more) {
  for (Assumption& assumption : more.assumes)
    if (std::ranges::find(plan.assumes, assumption.subject, &Assumption::subject) == plan.assumes.end())
      plan.assumes.push_back(std::move(assumption));
  std::ranges::move(more.steps, std::back_inserter(plan.steps));
  std::ranges::move(more.notes, std::back_inserter(plan.notes));
}

Report merged(const std::vector<Report>& reports) {
  Report all{.outcome = Outcome::Already, .changed = false, .steps = {}};
  for (const Report& report : reports) {
    all.outcome = worse(all.outcome, report.outcome);
    all.changed = all.changed || report.changed;
    all.steps.insert(all.steps.end(), report.steps.begin(), report.steps.end());
  }
  return all;
}

}  // namespace gpupass
