// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "carry_out.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

/// The operation that is named, by its id or the end of it; else the last one that changed anything. nullopt:
/// none has.
std::optional<Operation> chosen_operation(const Invocation& invocation,
                                          const std::vector<Operation>& operations) {
  constexpr std::size_t kShortest = 4;
  const std::string name = invocation.arguments.empty() ? "" : invocation.arguments.front();
  if (!invocation.arguments.empty() && name.size() < kShortest)
    throw Error(
        ErrorCode::Usage, "OPERATION",
        fmt::format("cannot undo: saw \"{}\", expected the name of an operation, or its last {} characters",
                    printable(name), kShortest),
        "gpupass history lists them");
  std::vector<Operation> found;
  std::ranges::copy_if(operations, std::back_inserter(found), [&](const Operation& operation) {
    return name.empty() ? is_to_undo(operation) || needs_recovery(operation) : operation.id.ends_with(name);
  });
  if (!name.empty() && found.size() != 1)
    throw Error(
        ErrorCode::NotFound, name,
        fmt::format("cannot undo {}: saw {} operations of that name, expected one", name, found.size()),
        "gpupass history lists them");
  return found.empty() ? std::nullopt : std::optional(found.back());
}

int run_undo(const Invocation& invocation) {
  expect_arguments(invocation, 0, 1);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    const std::optional<Operation> operation = chosen_operation(now, read_journal(*system));
    Plan plan = operation ? plan_undo(*system, *operation) : Plan();
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
    .example = "undo --dry-run",
    .effect = Effect::ChangesDevices,
    .describe = nullptr,
    .later = {},
    .run = run_undo,
};

}  // namespace gpupass
