// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "exit_status.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "gpupass/state.hpp"
#include "input_file.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_assert(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  const std::string& file = invocation.arguments.front();
  const State state = parse_state(text_of_input(file, "TOML"), name_of_input(file));
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Assert));
  const std::vector<Finding> differences = compare_state(host, state);
  if (invocation.json)
    print(render_differences_json(host, differences));
  else
    print(render_findings(differences, view_on(STDOUT_FILENO, invocation)));
  switch (same_as_declared(differences)) {
    case Answer::Yes:
      return kDone;
    case Answer::No:
      return kDiffers;
    case Answer::Unknown:
      break;
  }
  tell_limits(invocation, host);
  return kFailed;
}

}  // namespace

const Command assert_verb = {
    .name = "assert",
    .arguments = "FILE",
    .summary = "Tell whether this host is what a file declares",
    .example = "assert node.toml",
    .later = {},
    .run = run_assert,
};

}  // namespace gpupass
