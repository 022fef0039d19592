// SPDX-License-Identifier: GPL-2.0-or-later
#include "exit_status.hpp"
#include "gpupass/error.hpp"
#include "gpupass/mig.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "gpupass/state.hpp"
#include "machine.hpp"
#include "terminal.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void describe_export(po::options_description& options) {
  options.add_options()("mig-config", "instead: the MIG of its GPUs, as a file of mig-parted");
}

int run_export(const Invocation& invocation) {
  expect_arguments(invocation, 0, 0);
  if (invocation.has("mig-config") && invocation.json)
    throw Error(ErrorCode::Usage, "--mig-config", "cannot use --mig-config with --json: that file is YAML");
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, needs(Verb::Assert) | Parts{.mig = true});
  if (invocation.has("mig-config")) {
    const MigLabels labels = mig_labels(host);
    if (labels.at("current").empty())
      throw Error(ErrorCode::NotFound, "--mig-config",
                  "cannot export MIG: saw no GPU that has MIG, expected one with NVIDIA's driver",
                  "gpupass slices tells what of it is not known");
    print(to_mig_file(labels));
    tell_limits(invocation, host);
    return kDone;
  }
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
    .describe = describe_export,
    .later = {},
    .run = run_export,
};

}  // namespace gpupass
