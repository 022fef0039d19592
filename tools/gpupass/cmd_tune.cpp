// SPDX-License-Identifier: GPL-2.0-or-later
#include <utility>

#include "carry_out.hpp"
#include "gpupass/policy.hpp"
#include "machine.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void describe_tune(po::options_description& options) {
  options.add_options()("undo", "take all tuning back");
}

int run_tune(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(Verb::Tune));
    Plan plan = invocation.has("undo") ? plan_tune_undo(host) : plan_tune(host);
    return {std::move(host), std::move(plan)};
  });
}

}  // namespace

const Command tune_verb = {
    .name = "tune",
    .arguments = "",
    .summary = "Tune the host for the guests with GPUs that run",
    .example = "tune --dry-run",
    .effect = Effect::ChangesDevices,
    .describe = describe_tune,
    .later = {},
    .run = run_tune,
};

}  // namespace gpupass
