// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "policy/plan/file_step.hpp"
#include "policy/refuse.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr auto kHooks = "the hooks";

std::optional<std::string> content_of(const OwnFile& hook, const std::string& verb) {
  if (hook.content) return *hook.content;
  if (hook.content.absent()) return std::nullopt;
  refuse(verb, kHooks, fmt::format("{} is not known: {}", hook.path, why_unknown(hook.content)));
}

}  // namespace

Plan plan_boot_install(const Host& host, const std::vector<OwnFile>& shipped) {
  expect_asked(host, needs(Verb::Boot), "install", kHooks);
  const BootImages images = known_boot_images(host, "install", kHooks);
  Plan plan;
  for (const OwnFile& hook : images.hooks) {
    const auto wanted = std::ranges::find(shipped, hook.path, &OwnFile::path);
    if (wanted == shipped.end()) continue;
    const std::optional<std::string> before = content_of(hook, "install"),
                                     after = content_of(*wanted, "install");
    if (before == after) continue;
    add_file_step(plan, fmt::format("{} {}", before ? "replace" : "install", hook.path),
                  before ? "the file is not the one of this version" : "boot images need it to bind GPUs",
                  hook.path, before, after);
  }
  if (!plan.steps.empty() && !host.boot_bindings.value_or({}).empty())
    plan.notes.push_back(fmt::format(
        "the boot images have the hooks from their next build on; to build them now: {}",
        images.tool == BootTool::Dracut ? "dracut --regenerate-all --force" : "update-initramfs -u -k all"));
  return plan;
}

Plan plan_boot_remove(const Host& host) {
  expect_asked(host, needs(Verb::Boot), "remove", kHooks);
  if (!host.boot_bindings)
    refuse("remove", kHooks,
           fmt::format("what is bound at boot is not known: {}", why_unknown(host.boot_bindings)));
  std::vector<PciAddress> bound;
  for (const BootBinding& binding : *host.boot_bindings) bound.push_back(binding.address);
  if (!bound.empty())
    refuse("remove", kHooks, fmt::format("{} is bound at boot", addresses_text(bound)),
           "gpupass release --persist " + addresses_as_arguments(bound));
  if (host.boot_images.absent()) return {};
  Plan plan;
  for (const OwnFile& hook : known_boot_images(host, "remove", kHooks).hooks)
    if (const auto before = content_of(hook, "remove"))
      add_file_step(plan, "remove " + hook.path, "no GPU is bound at boot", hook.path, before, std::nullopt);
  return plan;
}

}  // namespace gpupass
