// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

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

struct Recovery {
  std::vector<Operation> operations;
  Plan plan;
  std::optional<Error> wedged;    ///< Why one of them must wait for a reboot. The others need not.
  std::vector<Error> unreadable;  ///< Why nobody can tell what is to be done, of each such operation.
};

/// Whether it is one of those that the options leave out.
bool is_passed_over(const Invocation& invocation, const Operation& operation) {
  return invocation.has(concerns_guests(operation) ? "devices" : "guests");
}

/// The last one first, because a later operation builds on the earlier ones.
Recovery find_interrupted(const Invocation& invocation, System& system) {
  std::vector<Operation> operations = interrupted_operations(system);
  std::erase_if(operations,
                [&](const Operation& operation) { return is_passed_over(invocation, operation); });
  std::ranges::reverse(operations);
  Recovery recovery;
  for (const Operation& operation : operations) {
    try {
      append(recovery.plan, plan_recovery(system, operation));
      recovery.operations.push_back(operation);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::Wedged)
        recovery.wedged = error;
      else if (error.code() == ErrorCode::Malformed)
        recovery.unreadable.push_back(error);
      else
        throw;
    }
  }
  return recovery;
}

/// @returns the exit status, where that of the recovered ones is `status`.
int tell_what_is_left(const Recovery& recovery, int status) {
  for (const Error& error : recovery.unreadable) tell_error(error);
  if (recovery.wedged) tell_error(*recovery.wedged);
  if (recovery.wedged) return kWedged;
  return status == kDone && !recovery.unreadable.empty() ? kFailed : status;
}

void describe_recover(po::options_description& options) {
  auto add = options.add_options();
  add("devices", "only what is not about guests: before libvirt starts");
  add("guests", "only what is about guests");
}

int run_recover(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  if (invocation.has("devices") && invocation.has("guests"))
    throw Error(ErrorCode::Usage, "command line", "cannot recover with --devices and --guests",
                "without either it recovers both");
  const auto system = open_machine(invocation);
  const Recovery recovery = find_interrupted(invocation, *system);
  const std::optional<Error>& wedged = recovery.wedged;
  if (recovery.operations.empty() && recovery.unreadable.empty() && wedged) throw *wedged;
  if (recovery.operations.empty() && recovery.unreadable.size() == 1 && !wedged)
    throw recovery.unreadable.front();
  if (recovery.operations.empty() && recovery.unreadable.empty() && !invocation.json) {
    print("nothing to recover\n");
    return kDone;
  }
  std::string outlook;
  if (!recovery.plan.steps.empty()) {
    const Host host = look(invocation, *system, needs(Verb::Recover));
    guard_recovery(host, recovery.plan);
    outlook = render_outlook(host, after(host, recovery.plan));
  }
  const int status = carry_out(invocation, recovery.plan, outlook, [&](const Progress& progress) {
    std::vector<Report> reports;
    for (const Operation& operation : recovery.operations)
      reports.push_back(recover(*system, operation, progress));
    if (wedged)
      reports.push_back(
          {Outcome::Wedged, /*changed=*/false, {{"recover " + wedged->subject(), StepState::Wedged}}});
    return merged(reports);
  });
  return tell_what_is_left(recovery, status);
}

}  // namespace

const Command recover_verb = {
    .name = "recover",
    .arguments = "",
    .summary = "Undo what was interrupted",
    .example = "recover --dry-run",
    .effect = Effect::ChangesDevices,
    .describe = describe_recover,
    .later = {},
    .run = run_recover,
};

}  // namespace gpupass
