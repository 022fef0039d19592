// SPDX-License-Identifier: GPL-2.0-or-later
#include "libvirt_hook.hpp"

#include <fmt/format.h>

#include "again_while_busy.hpp"
#include "exit_status.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "input_file.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "uninterrupted.hpp"

namespace gpupass {

namespace {

/// Tells libvirt's log, and whoever starts the guest, what was not done.
void tell_failure(const std::string& guest, const Report& report) {
  for (const StepResult& step : report.steps)
    if (step.state == StepState::Failed || step.state == StepState::Wedged)
      tell_always(fmt::format("gpupass: guest {}: cannot {}: {}\n", printable(guest), printable(step.summary),
                              printable(step.reason)));
}

/// Moves the devices of a guest that starts, or has ended. @returns the exit status.
int move_devices(const Invocation& invocation, System& system, bool starts, const std::string& guest,
                 const std::string& definition) {
  // Another gpupass may move the same devices just now: it has a while to end.
  return again_while_busy([&] {
    const Host host = look(invocation, system, needs(Verb::Hook));
    const Plan plan = (starts ? plan_guest_start : plan_guest_end)(host, guest, definition);
    const Report report = apply(system, plan);
    tell_failure(guest, report);
    return exit_status(report.outcome);
  });
}

/// A guest starts also where its host cannot be tuned for it.
void tune(const Invocation& invocation, System& system, bool starts, const std::string& guest,
          const std::string& definition) try {
  Parts parts = needs(Verb::Tune);
  parts.domains = false;
  again_while_busy([&] {
    const Host host = look(invocation, system, parts);
    const Report report = apply(
        system, starts ? plan_guest_tuning(host, guest, definition) : plan_guest_tuning_end(host, guest));
    tell_failure(guest, report);
    return exit_status(report.outcome);
  });
} catch (const Error& error) {
  tell_error(error);
}

}  // namespace

int run_hook(const Invocation& invocation) {
  expect_arguments(invocation, 2, 2);
  const std::string& operation = invocation.arguments[0];
  const std::string& guest = invocation.arguments[1];
  const bool starts = operation == "prepare";
  if (!starts && operation != "release")
    throw Error(ErrorCode::Usage, operation,
                fmt::format("cannot run the hook: saw {:?}, expected prepare or release", operation));
  const std::string definition = text_of_input("-", "XML");
  const auto system = open_machine(invocation);
  const Uninterrupted until_done;
  if (!starts) tune(invocation, *system, starts, guest, definition);
  const int status = move_devices(invocation, *system, starts, guest, definition);
  if (starts && status == kDone) tune(invocation, *system, starts, guest, definition);
  return status;
}

}  // namespace gpupass
