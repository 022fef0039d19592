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
                   plan_detach(host, domain, chosen_gpus(invocation, host, names), options));
}

}  // namespace

const Verb detach_verb = {
    .name = "detach",
    .arguments = "DOMAIN GPU...",
    .summary = "Take GPUs from a guest, and wait until it has let go",
    .effect = Effect::ChangesDevices,
    .describe = describe_attach_options,
    .later = {},
    .run = run,
};

}  // namespace gpupass
