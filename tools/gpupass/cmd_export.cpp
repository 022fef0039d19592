// SPDX-License-Identifier: GPL-2.0-or-later
#include "exit_status.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "gpupass/state.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_export(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Assert));
  const State state = state_of(host);
  print(invocation.json ? render_state_json(host, state) : to_toml(state));
  tell_limits(invocation, host);
  return kDone;
}

}  // namespace

const Command export_verb = {
    .name = "export",
    .arguments = "",
    .summary = "Print what this host is, as a file for apply and assert",
    .example = "export",
    .later = {},
    .run = run_export,
};

}  // namespace gpupass
