// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "carry_out.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/policy.hpp"
#include "machine.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

/// The operation that is named, by its id or the end of it; else the last one that changed anything.
Operation chosen_operation(const Invocation& invocation, const std::vector<Operation>& operations) {
  const std::string name = invocation.arguments.empty() ? "" : invocation.arguments.front();
  std::vector<Operation> found;
  std::ranges::copy_if(operations, std::back_inserter(found), [&](const Operation& operation) {
    return name.empty() ? is_to_undo(operation) || needs_recovery(operation) : operation.id.ends_with(name);
  });
  if (found.empty() && name.empty())
    throw Error(ErrorCode::NotFound, "journal", "cannot undo: nothing was changed yet",
                "gpupass history lists what was changed");
  if (found.empty() || (found.size() > 1 && !name.empty()))
    throw Error(
        ErrorCode::NotFound, name,
        fmt::format("cannot undo {:?}: saw {} operations of that name, expected one", name, found.size()),
        "gpupass history lists them");
  return found.back();
}

int run_undo(const Invocation& invocation) {
  expect_arguments(invocation, 0, 1);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Plan plan = plan_undo(*system, chosen_operation(now, read_journal(*system)));
    Host host = look(now, *system, needs(Verb::Undo));
    guard_undo(host, plan);
    return {std::move(host), std::move(plan)};
  });
}

}  // namespace

const Command undo_verb = {
    .name = "undo",
    .arguments = "[OPERATION]",
    .summary = "Take back the last operation, or a named one",
    .effect = Effect::ChangesDevices,
    .describe = nullptr,
    .later = {},
    .run = run_undo,
};

}  // namespace gpupass
