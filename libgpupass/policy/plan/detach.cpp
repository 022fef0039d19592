// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "gpupass/policy.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/ports.hpp"
#include "policy/asked.hpp"
#include "policy/plan/guest.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/givable.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// `xml` is the element as it stands in the guest's definition, so that an undo brings it back to the same
/// place.
Step detach_step(const std::string& guest, DeviceId device, Scope scope, const std::string& xml,
                 const AttachOptions& options) {
  SetDevice taken{guest, device, scope, false, xml, options.timeout_seconds};
  SetDevice given = taken;
  given.present = true;
  const char* summary = scope == Scope::Live ? "detach {} from guest {} while it runs"
                                             : "detach {} from the definition of guest {}";
  const char* reason = device.is_mediated() ? kAskedFor : "all functions of a card leave together";
  return {fmt::format(fmt::runtime(summary), device.to_string(), guest), reason, std::move(taken),
          std::move(given)};
}

/// Otherwise the records would apply to the next devices at these addresses.
void forget_identities(Plan& plan, const DomainXml& domain, const std::vector<PciAddress>& functions) {
  const std::string before = own_metadata_text(domain.persistent_xml);
  if (before.empty()) return;
  const std::string after = with_identities(before, {}, functions);
  if (after != before)
    plan.steps.push_back(
        {fmt::format("forget in the definition of guest {} which GPUs were meant", domain.name),
         "they are no longer in it", SetMetadata{domain.name, after}, SetMetadata{domain.name, before}});
}

/// Refuses devices that the running guest cannot release.
void refuse_what_stays(const DomainXml& domain, const std::vector<DeviceId>& devices) {
  const auto held = claimed_devices(domain.live_xml);
  for (const DeviceId device : devices) {
    if (!std::ranges::binary_search(held, device)) continue;
    if (domain.paused)
      refuse("detach from", domain.name, "saw it paused, expected it to run: a paused guest releases nothing",
             fmt::format("virsh resume {}; or use --config, which changes its next start",
                         shell_word(domain.name)));
    if (shares_slot(domain.live_xml, device))
      refuse("detach from", domain.name,
             fmt::format("saw {} in one slot of the guest with another function, expected it alone: libvirt "
                         "cannot take such a slot from a running guest",
                         device.to_string()),
             "shut the guest down; --config takes the card from its next start");
  }
}

}  // namespace

Plan plan_detach(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& devices,
                 const AttachOptions& options) {
  expect_asked(host, needs(Verb::Detach), "detach from", domain.name);
  const auto [gpus, slices] = parted(host, devices);
  const std::vector<PciAddress> functions = cards_of(host, gpus);
  std::vector<DeviceId> all(functions.begin(), functions.end());
  all.insert(all.end(), slices.begin(), slices.end());
  Plan plan;
  for (const Scope scope : scopes_of(domain, options, "detach from")) {
    if (scope == Scope::Live) refuse_what_stays(domain, all);
    for (const DeviceId device : all | std::views::reverse)
      if (const std::string xml = hostdev_element(definition_of(domain, scope), device); !xml.empty())
        plan.steps.push_back(detach_step(domain.name, device, scope, xml, options));
    if (scope == Scope::Config && !plan.steps.empty()) forget_identities(plan, domain, functions);
  }
  if (plan.steps.empty()) return {};
  plan.assumes.push_back(assumption_of(domain.name, &domain));
  for (const PciAddress gpu : gpus)
    plan.notes.push_back(
        fmt::format("{0} stays on vfio-pci: gpupass release {0} gives it back to the host", gpu.to_string()));
  for (const DeviceId slice : slices)
    plan.notes.push_back(
        fmt::format("{0} stays: gpupass slice destroy {0} takes it away", slice.to_string()));
  return plan;
}

}  // namespace gpupass
