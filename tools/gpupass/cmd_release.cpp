// SPDX-License-Identifier: GPL-2.0-or-later
#include <utility>

#include "carry_out.hpp"
#include "gpu_verbs.hpp"
#include "machine.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

void describe_release(po::options_description& options) {
  options.add_options()("persist", "and no longer bind them at boot");
}

/// Devices that no longer exist can be named too: only their boot bindings are removed.
int release_at_boot(const Invocation& invocation) {
  expect_arguments(invocation, 1, kAnyNumber);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(Verb::Release), now.arguments);
    std::vector<std::string> names = now.arguments;
    const std::vector<PciAddress> unplugged = take_unplugged(host, names);
    Selection selection = names.empty() ? Selection() : chosen_gpus(now, host, names);
    Plan plan = plan_release_at_boot(host, selection.gpus, unplugged);
    return {std::move(host), std::move(plan), std::move(selection.passed_over)};
  });
}

int run_release(const Invocation& invocation) {
  return invocation.has("persist") ? release_at_boot(invocation)
                                   : move_gpus(invocation, Verb::Release, plan_release);
}

}  // namespace

const Command release_verb = {
    .name = "release",
    .arguments = "GPU...",
    .summary = "Give GPUs back to the drivers that bind took them from",
    .example = "release 65:00.0",
    .effect = Effect::ChangesDevices,
    .describe = describe_release,
    .later = {"force"},
    .run = run_release,
};

}  // namespace gpupass
