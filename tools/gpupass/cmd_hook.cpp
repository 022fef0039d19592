// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "carry_out.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "help.hpp"
#include "libvirt_hook.hpp"
#include "machine.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_hook_verb(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  const std::string& what = invocation.arguments.front();
  if (what != "install" && what != "remove")
    throw Error(ErrorCode::Usage, what, fmt::format("cannot run hook {}: expected install or remove", what),
                usage_line(*invocation.verb));
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(Verb::Hook));
    Plan plan = what == "install" ? plan_hook_install(host, shipped_hook()) : plan_hook_remove(host);
    return {std::move(host), std::move(plan)};
  });
}

}  // namespace

const Command hook_verb = {
    .name = "hook",
    .arguments = "install|remove",
    .summary = "Guard and bind the GPUs of guests that anyone starts",
    .example = "hook install",
    .effect = Effect::ChangesDevices,
    .later = {},
    .run = run_hook_verb,
};

}  // namespace gpupass
