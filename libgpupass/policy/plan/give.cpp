// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/givable.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/shell_word.hpp"

namespace gpupass {

namespace {

/// The guest's own definition with more GPUs, placed anew: vCPUs and memory go to the node of its GPUs.
MadeDefinition with_more_gpus(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& devices,
                              const std::vector<PciAddress>& force) {
  const auto [gpus, slices] = parted(host, devices);
  const Base base{domain.persistent_xml};
  Request asked;
  asked.name = domain.name;
  asked.force = force;
  asked = keep_gpus(asked, host, base.xml);
  for (const PciAddress gpu : gpus)
    if (const std::string name = gpu.to_string(); std::ranges::find(asked.gpus, name) == asked.gpus.end())
      asked.gpus.push_back(name);
  Request completed = complete_request(asked, base);
  for (const DeviceId slice : slices) completed.devices.push_back(slice.to_string());
  MadeDefinition made = make_definition(host, asked, completed, base);
  expect_sound(made);
  return made;
}

void note_doubts(Plan& plan, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    plan.notes.push_back(fmt::format("{} [{}]", finding.message, finding.id));
}

/// For its next start.
Plan plan_definition(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& gpus,
                     const GiveOptions& options) {
  const MadeDefinition made = with_more_gpus(host, domain, gpus, options.attach.bind.force);
  Plan plan =
      plan_define(host, {domain.name, made.xml, made.placement, domain, options.start, options.attach.bind});
  note_doubts(plan, made.findings);
  return plan;
}

/// One mistyped address must not take a GPU from another guest.
void refuse_those_of_others(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& gpus) {
  const auto has = [](const Domain& guest, const DeviceId& gpu) {
    return std::ranges::find(guest.persistent_devices, gpu) != guest.persistent_devices.end() ||
           std::ranges::find(guest.live_devices, gpu) != guest.live_devices.end();
  };
  const Domain* own = find_domain(host, domain.name);
  for (const DeviceId& gpu : gpus)
    for (const Domain& other : host.domains.value_or({}))
      if (other.name != domain.name && has(other, gpu) && !(own && has(*own, gpu)))
        refuse("take from", domain.name,
               fmt::format("it does not have {}, guest {} has", gpu.to_string(), other.name),
               fmt::format("gpupass take {} {}", shell_word(other.name), gpu.to_string()));
}

}  // namespace

Plan plan_give(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& gpus,
               const GiveOptions& options) {
  expect_asked(host, needs(Verb::Give), "give to", domain.name);
  const auto functions = parted(host, gpus).functions;
  const BindOptions& bind = options.attach.bind;
  Plan plan;
  if (!functions.empty())
    plan = options.at_boot ? plan_bind_at_boot(host, functions, bind) : plan_bind(host, functions, bind);
  const Host bound = after(host, plan);
  append(plan, domain.active ? plan_attach(bound, domain, gpus, options.attach)
                             : plan_definition(bound, domain, gpus, options));
  return plan;
}

Plan plan_take(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& gpus,
               const AttachOptions& options) {
  expect_asked(host, needs(Verb::Take), "take from", domain.name);
  const auto functions = parted(host, gpus).functions;
  refuse_those_of_others(host, domain, gpus);
  Plan plan = plan_detach(host, domain, gpus, options);
  if (functions.empty()) return plan;
  plan.notes.clear();  // The GPUs do not stay where they are.
  Host detached = after(host, plan);
  // With its devices the guest's process gives up their groups.
  const std::vector<PciAddress> closure = closure_of(host, functions);
  if (detached.holders && users_of(host, functions.front(), closure, domain.name).empty())
    std::erase_if(*detached.holders, [groups = groups_of(host, closure)](const Holder& holder) {
      return std::ranges::binary_search(groups, holder.iommu_group);
    });
  const bool at_boot = std::ranges::any_of(
      closure, [&](PciAddress address) { return is_bound_at_boot(host, function_at(host, address)); });
  append(plan, at_boot ? plan_release_at_boot(detached, functions, {}) : plan_release(detached, functions));
  return plan;
}

}  // namespace gpupass
