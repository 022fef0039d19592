// SPDX-License-Identifier: GPL-2.0-or-later
#include "attach_options.hpp"
#include "carry_out.hpp"
#include "gpupass/policy.hpp"
#include "machine.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run(const Invocation& invocation) {
  expect_arguments(invocation, 2, kAnyNumber);
  const AttachOptions options = attach_options(invocation);
  const std::vector<std::string> names(invocation.arguments.begin() + 1, invocation.arguments.end());
  const auto system = open_machine(invocation);
  const Host host = look(invocation, *system, parts_for_devices(), names);
  const DomainXml domain = present_domain(invocation, *system, invocation.arguments.front());
  return carry_out(invocation, *system,
                   plan_attach(host, domain, chosen_gpus(invocation, host, names), options));
}

}  // namespace

const Verb attach_verb = {
    .name = "attach",
    .arguments = "DOMAIN GPU...",
    .summary = "Give GPUs to a guest, as it runs and in its definition",
    .effect = Effect::ChangesDevices,
    .describe = describe_attach_options,
    .later = {},
    .run = run,
};

}  // namespace gpupass
