// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/guest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policy/guard/guards.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

std::vector<Scope> scopes_of(const DomainXml& domain, const AttachOptions& options, const std::string& verb) {
  const Definitions asked = options.definitions;
  const bool config = asked == Definitions::Config || asked == Definitions::Both;
  const bool live = asked == Definitions::Live || asked == Definitions::Both;
  if (config && !domain.persistent)
    refuse(verb, domain.name, "saw a transient guest, expected one with a persistent definition",
           "leave out --config: the guest has no definition to change");
  if (live && !domain.active)
    refuse(verb, domain.name, "saw a guest that is shut off, expected one that runs",
           "leave out --live, or start the guest first");
  std::vector<Scope> scopes;
  if (domain.persistent && asked != Definitions::Live) scopes.push_back(Scope::Config);
  if (domain.active && asked != Definitions::Config) scopes.push_back(Scope::Live);
  return scopes;
}

const std::string& definition_of(const DomainXml& domain, Scope scope) {
  return scope == Scope::Live ? domain.live_xml : domain.persistent_xml;
}

std::vector<PciAddress> cards_of(const Host& host, const std::vector<PciAddress>& gpus) {
  std::vector<PciAddress> functions;
  for (const PciAddress gpu : gpus) {
    auto card = card_of(host, function_at(host, gpu));
    std::ranges::stable_partition(card, [&](PciAddress f) { return is_gpu(function_at(host, f)); });
    for (const PciAddress function : card)
      if (std::ranges::find(functions, function) == functions.end()) functions.push_back(function);
  }
  return functions;
}

Assumption assumption_of(const std::string& name, const DomainXml* domain) {
  return {Assumption::Kind::Domain, name, fingerprint(domain)};
}

void refuse_other_guests(const Host& host, const std::vector<PciAddress>& gpus, const std::string& guest,
                         const std::string& verb) {
  if (gpus.empty()) return;
  auto users = users_of(host, gpus.front(), closure_of(host, gpus), guest);
  // libvirt itself prevents two guests from using one device, so an unknown answer is no obstacle here.
  std::erase_if(users, [](const Finding& finding) { return finding.verdict != Verdict::Fail; });
  if (!users.empty()) refuse(verb, guest, users);
}

void note_other_wishes(Plan& plan, const Host& host, const std::vector<PciAddress>& gpus,
                       const std::string& guest) {
  if (!host.domains) return;
  const auto functions = closure_of(host, gpus), cards = cards_of(host, gpus);
  for (const Domain& domain : *host.domains) {
    if (domain.name == guest) continue;
    for (const DeviceId device : domain.persistent_devices) {
      const auto function = device.function();
      if (function && std::ranges::binary_search(functions, *function))
        plan.notes.push_back(fmt::format(
            "guest {} is defined with {} too{}: only one of the two can run with it", domain.name,
            device.to_string(),
            std::ranges::find(cards, *function) == cards.end() ? ", which is in the same IOMMU group" : ""));
    }
  }
}

void note_reboot(Plan& plan, const Host& host, const std::vector<PciAddress>& gpus) {
  std::string names;
  for (const PciAddress gpu : gpus)
    if (!std::ranges::all_of(closure_of(host, gpu), [&](PciAddress address) {
          return is_bound_at_boot(host, function_at(host, address));
        }))
      names += " " + gpu.to_string();
  if (names.empty()) return;
  plan.notes.push_back(
      fmt::format("after a reboot: gpupass bind{}, before the guest starts; gpupass bind --persist{} makes "
                  "every boot do it",
                  names, names));
}

}  // namespace gpupass
