// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <utility>

#include "boot_hooks.hpp"
#include "carry_out.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "help.hpp"
#include "machine.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_boot(const Invocation& invocation) {
  expect_arguments(invocation, 1, 1);
  const std::string& what = invocation.arguments.front();
  if (what != "install" && what != "remove")
    throw Error(ErrorCode::Usage, what, fmt::format("cannot run boot {}: expected install or remove", what),
                usage_line(*invocation.verb));
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(Verb::Boot));
    Plan plan = what == "install" ? plan_boot_install(host, shipped_boot_hooks()) : plan_boot_remove(host);
    return {std::move(host), std::move(plan)};
  });
}

}  // namespace

const Command boot_verb = {
    .name = "boot",
    .arguments = "install|remove",
    .summary = "Install the hooks for boot images that bind --persist needs",
    .example = "boot install",
    .effect = Effect::ChangesDevices,
    .later = {},
    .run = run_boot,
};

}  // namespace gpupass
