// SPDX-License-Identifier: GPL-2.0-or-later
#include "carry_out.hpp"
#include "gpupass/policy.hpp"
#include "machine.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run(const Invocation& invocation) {
  expect_arguments(invocation, 1, kAnyNumber);
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, parts_for_devices(), invocation.arguments);
  const std::vector<PciAddress> gpus = chosen_gpus(invocation, host, invocation.arguments);
  return carry_out(invocation, *system, plan_release(host, gpus));
}

}  // namespace

const Verb release_verb = {
    .name = "release",
    .arguments = "GPU...",
    .summary = "Give GPUs back to the drivers from which bind took them",
    .effect = Effect::ChangesDevices,
    .later = {"persist", "force"},
    .run = run,
};

}  // namespace gpupass
