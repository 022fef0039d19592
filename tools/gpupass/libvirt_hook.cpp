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
  // Another gpupass may move the same devices just now: it has a while to end.
  return again_while_busy([&] {
    const Host host = look(invocation, *system, needs(Verb::Hook));
    const Plan plan = (starts ? plan_guest_start : plan_guest_end)(host, guest, definition);
    const Report report = apply(*system, plan);
    tell_failure(guest, report);
    return exit_status(report.outcome);
  });
}

}  // namespace gpupass
