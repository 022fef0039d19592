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
  return carry_out(invocation, *system, plan_bind(host, gpus));
}

}  // namespace

const Verb bind_verb = {
    .name = "bind",
    .arguments = "GPU...",
    .summary = "Give GPUs to vfio-pci, with everything that must move with them",
    .effect = Effect::ChangesDevices,
    .later = {"persist", "force"},
    .run = run,
};

}  // namespace gpupass
