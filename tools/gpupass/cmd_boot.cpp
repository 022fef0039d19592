// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot_hooks.hpp"
#include "gpupass/policy.hpp"
#include "install_or_remove.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_boot(const Invocation& invocation) {
  return install_or_remove(
      invocation, Verb::Boot, [](const Host& host) { return plan_boot_install(host, shipped_boot_hooks()); },
      plan_boot_remove);
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
