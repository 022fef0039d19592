// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "base/domain_xml.hpp"
#include "base/hostdev.hpp"
#include "gpupass/policy.hpp"
#include "policy/closure.hpp"
#include "policy/guest.hpp"
#include "policy/rebind.hpp"

namespace gpupass {

namespace {

Step attach_step(const std::string& guest, PciAddress device, Scope scope, const AttachOptions& options) {
  SetDevice given{guest, device, scope, true, hostdev_xml(device), options.timeout};
  SetDevice taken = given;
  taken.present = false;
  const char* summary =
      scope == Scope::Live ? "attach {} to guest {} as it runs" : "attach {} to the definition of guest {}";
  return {fmt::format(fmt::runtime(summary), device.to_string(), guest),
          "all functions of a card go to one guest", std::move(given), std::move(taken)};
}

}  // namespace

Plan plan_attach(const Host& host, const DomainXml& domain, const std::vector<PciAddress>& gpus,
                 const AttachOptions& options) {
  const std::vector<Scope> scopes = scopes_of(domain, options, "attach to");
  const std::vector<PciAddress> functions = cards_of(host, gpus);
  refuse_other_guests(host, gpus, domain.name, "attach to");

  Plan plan;
  plan.assumes.push_back(assumption_of(domain.name, &domain));
  append(plan, plan_bind(host, gpus));
  for (const Scope scope : scopes) {
    const auto present = hostdev_addresses(definition_of(domain, scope));
    for (const PciAddress device : functions)
      if (!std::ranges::binary_search(present, device))
        plan.steps.push_back(attach_step(domain.name, device, scope, options));
  }
  if (plan.steps.empty()) return {};
  append(plan, {assumptions_of(host, closure_of(host, gpus)), {}, {}});
  note_other_wishes(plan, host, gpus, domain.name);
  if (std::ranges::find(scopes, Scope::Config) != scopes.end()) note_reboot(plan, gpus);
  return plan;
}

}  // namespace gpupass
