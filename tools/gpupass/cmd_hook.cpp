// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpupass/policy.hpp"
#include "install_or_remove.hpp"
#include "libvirt_hook.hpp"
#include "verbs.hpp"

namespace gpupass {

namespace {

int run_hook_verb(const Invocation& invocation) {
  return install_or_remove(
      invocation, Verb::Hook, [](const Host& host) { return plan_hook_install(host, shipped_hook()); },
      plan_hook_remove);
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
