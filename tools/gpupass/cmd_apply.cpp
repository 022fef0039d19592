// SPDX-License-Identifier: GPL-2.0-or-later
#include "carry_out.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/state.hpp"
#include "input_file.hpp"
#include "machine.hpp"
#include "options/bind_options.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_apply(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  const std::string& file = invocation.arguments.front();
  const State state = parse_state(text_of_input(file, "TOML"), name_of_input(file));
  const BindOptions options = bind_options(invocation);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(Verb::State));
    Plan plan = plan_state(host, state, options);
    return {std::move(host), std::move(plan)};
  });
}

}  // namespace

const Command apply_verb = {
    .name = "apply",
    .arguments = "FILE",
    .summary = "Make this host what a file declares",
    .example = "apply --dry-run node.toml",
    .effect = Effect::ChangesDevices,
    .describe = describe_bind_options,
    .later = {},
    .run = run_apply,
};

}  // namespace gpupass
