// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "base/domain_xml.hpp"
#include "base/hostdev.hpp"
#include "gpupass/policy.hpp"
#include "policy/card.hpp"
#include "policy/closure.hpp"
#include "policy/guest.hpp"
#include "policy/guest_ports.hpp"
#include "policy/rebind.hpp"

namespace gpupass {

namespace {

/// One function, and where the guest shall see it.
struct Given {
  PciAddress function;
  std::optional<GuestSlot> slot;  ///< None: of libvirt's choice.
};

Step attach_step(const std::string& guest, const Given& given, Scope scope, const AttachOptions& options) {
  const PciAddress device = given.function;
  SetDevice attached{guest, device, scope, true, hostdev_xml(device, given.slot), options.timeout};
  SetDevice taken = attached;
  taken.present = false;
  const char* summary =
      scope == Scope::Live ? "attach {} to guest {} as it runs" : "attach {} to the definition of guest {}";
  return {fmt::format(fmt::runtime(summary), device.to_string(), guest),
          "all functions of a card go to one guest", std::move(attached), std::move(taken)};
}

/// A port of the cell that the card is near to. While the guest runs, libvirt plugs function 0 of a slot only.
std::optional<PciAddress> slot_for(const Host& host, GuestPorts& ports, const std::vector<PciAddress>& card, Scope scope) {
  if (scope == Scope::Live && card.size() > 1) return std::nullopt;
  const Fact<int> node = nearest_numa_node(host, function_at(host, card.front()));
  return node && *node >= 0 ? ports.take(static_cast<unsigned>(*node)) : std::nullopt;
}

/// What of the cards a definition has not yet.
std::vector<Given> missing(const Host& host, const std::vector<PciAddress>& gpus, const std::string& definition,
                           Scope scope) {
  const auto present = hostdev_addresses(definition);
  const auto is_present = [&](PciAddress device) { return std::ranges::binary_search(present, device); };
  GuestPorts ports(definition);
  std::vector<Given> all;
  for (const PciAddress gpu : gpus) {
    const auto card = cards_of(host, {gpu});
    const auto asked = [&](const Given& given) { return given.function == card.front(); };
    if (std::ranges::any_of(all, asked)) continue;  // Another GPU of the same card.
    const bool whole = std::ranges::none_of(card, is_present);
    const auto slot = whole ? slot_for(host, ports, card, scope) : std::nullopt;
    for (const PciAddress function : card) {
      if (is_present(function)) continue;
      Given given{function, std::nullopt};
      if (slot) {
        const std::uint8_t number = static_cast<std::uint8_t>(function.function - std::ranges::min(card).function);
        given.slot = GuestSlot{*slot, card.size() > 1 && number == 0};
        given.slot->address.function = number;
      }
      all.push_back(given);
    }
  }
  return all;
}

}  // namespace

Plan plan_attach(const Host& host, const DomainXml& domain, const std::vector<PciAddress>& gpus,
                 const AttachOptions& options) {
  const std::vector<Scope> scopes = scopes_of(domain, options, "attach to");
  refuse_other_guests(host, gpus, domain.name, "attach to");

  Plan plan;
  plan.assumes.push_back(assumption_of(domain.name, &domain));
  append(plan, plan_bind(host, gpus, options.bind));
  for (const Scope scope : scopes)
    for (const Given& given : missing(host, gpus, definition_of(domain, scope), scope))
      plan.steps.push_back(attach_step(domain.name, given, scope, options));
  if (plan.steps.empty()) return {};
  append(plan, {assumptions_of(host, closure_of(host, gpus)), {}, {}});
  note_other_wishes(plan, host, gpus, domain.name);
  if (std::ranges::find(scopes, Scope::Config) != scopes.end()) note_reboot(plan, gpus);
  return plan;
}

}  // namespace gpupass
