// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "exit_status.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "machine.hpp"
#include "options/declared_options.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_assert(const Invocation& invocation) {
  const Declaration declared = declaration(invocation);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Assert) | declared.parts);
  const std::vector<Finding> differences = compare_state(host, declared.on(host));
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
    .describe = describe_declared_options,
    .later = {},
    .run = run_assert,
};

}  // namespace gpupass
