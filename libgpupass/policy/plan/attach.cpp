// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gpupass/policy.hpp"
#include "guest/check/identities.hpp"
#include "guest/edit/hostdev.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/ports.hpp"
#include "policy/asked.hpp"
#include "policy/plan/guest.hpp"
#include "policy/plan/guest_slices.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/givable.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// One function, and where the guest shall see it.
struct Given {
  PciAddress function;
  std::optional<GuestSlot> slot{};  ///< None: of libvirt's choice.
  bool has_room = true;             ///< The guest has addresses for its memory.
};

Step attach_step(const std::string& guest, const Given& given, Scope scope, const AttachOptions& options) {
  const PciAddress device = given.function;
  SetDevice attached{guest, device, scope, true, hostdev_xml(device, given.slot), options.timeout_seconds};
  SetDevice taken = attached;
  taken.present = false;
  const char* summary = scope == Scope::Live ? "attach {} to guest {} while it runs"
                                             : "attach {} to the definition of guest {}";
  return {fmt::format(fmt::runtime(summary), device.to_string(), guest),
          "all functions of a card go to one guest", std::move(attached), std::move(taken)};
}

std::optional<unsigned> node_of(const Host& host, PciAddress function) {
  const Fact<int> node = nearest_numa_node(host, function_at(host, function));
  return node && *node >= 0 ? std::optional(static_cast<unsigned>(*node)) : std::nullopt;
}

/// The whole card goes to one slot, as in the host.
void plug_together(const Host& host, GuestPorts& ports, const std::vector<PciAddress>& card,
                   std::vector<Given>& all) {
  const std::optional<unsigned> node = node_of(host, card.front());
  const auto slot = node ? ports.take(*node) : std::nullopt;
  for (const PciAddress function : card) {
    Given given{.function = function};
    if (slot) {
      const std::uint8_t number =
          static_cast<std::uint8_t>(function.function - std::ranges::min(card).function);
      given.slot = GuestSlot{*slot, card.size() > 1 && number == 0};
      given.slot->address.function = number;
    }
    all.push_back(given);
  }
}

/// Each function in a slot of its own: while the guest runs, libvirt plugs function 0 of a slot only.
void plug_apart(const Host& host, GuestPorts& ports, const std::vector<PciAddress>& functions,
                std::vector<Given>& all) {
  for (const PciAddress function : functions) {
    Given given{.function = function};
    if (const auto slot = ports.take(function_at(host, function), node_of(host, function))) {
      given.slot = GuestSlot{slot->address, false};
      given.has_room = slot->has_room;
    }
    all.push_back(given);
  }
}

/// The functions of the cards that a definition does not have yet.
std::vector<Given> missing(const Host& host, const std::vector<PciAddress>& gpus, const DomainXml& domain,
                           Scope scope) {
  const std::string& definition = definition_of(domain, scope);
  const auto present = claimed_devices(definition);
  const auto is_present = [&](PciAddress device) { return std::ranges::binary_search(present, device); };
  GuestPorts ports(definition);
  const std::size_t free = ports.free();
  std::vector<Given> all;
  for (const PciAddress gpu : gpus) {
    auto card = cards_of(host, {gpu});
    const auto asked = [&](const Given& given) { return given.function == card.front(); };
    if (std::ranges::any_of(all, asked)) continue;  // Another GPU of the same card.
    const bool whole = std::ranges::none_of(card, is_present);
    std::erase_if(card, is_present);
    if (scope == Scope::Live)
      plug_apart(host, ports, card, all);
    else if (whole)
      plug_together(host, ports, card, all);
    else
      for (const PciAddress function : card) all.push_back({.function = function});
  }
  if (scope == Scope::Live && ports.express() && all.size() > free)
    refuse(
        "attach to", domain.name,
        fmt::format("saw {} free PCI Express port{} in the running guest, expected {}: one for each function",
                    free, free == 1 ? "" : "s", all.size()),
        "--config gives them to its next start");
  return all;
}

/// Notes how a running guest sees its new devices.
void note_life(Plan& plan, const DomainXml& domain, const std::vector<Given>& given) {
  if (given.empty()) return;
  if (domain.paused)
    plan.notes.push_back(
        fmt::format("{} is paused: it sees the new devices only after it is resumed", domain.name));
  for (const Given& one : given)
    if (!one.has_room)
      plan.notes.push_back(
          fmt::format("according to its definition, the firmware of {} has reserved no addresses for the "
                      "memory of {}: until its next start "
                      "the guest may see the device but not be able to use it",
                      domain.name, one.function.to_string()));
  for (const Given& one : given)
    if (const auto mate = std::ranges::find_if(given,
                                               [&](const Given& other) {
                                                 return other.function.same_slot(one.function) &&
                                                        other.function > one.function;
                                               });
        mate != given.end())
      plan.notes.push_back(fmt::format(
          "while it runs, {} has {} and {} in slots of their own: libvirt plugs in one function at a time",
          domain.name, one.function.to_string(), mate->function.to_string()));
}

/// Checks the GPUs that the definition already has.
void refuse_another_device(const Host& host, const DomainXml& domain, const std::vector<PciAddress>& gpus) {
  const auto doubts =
      identity_doubts(host, domain.name, domain.persistent ? domain.persistent_xml : domain.live_xml);
  for (const auto& [address, doubt] : doubts)
    if (doubt.finding.verdict == Verdict::Fail && std::ranges::find(gpus, address) != gpus.end())
      refuse("attach to", domain.name, {doubt.finding});
}

/// So that another card at the same address is not taken for it. A record of an address that is not in the
/// definition belongs to a device that was removed from it.
void record_identities(Plan& plan, const Host& host, const DomainXml& domain,
                       const std::vector<Given>& given) {
  std::map<PciAddress, Identity> recorded;
  for (const Given& one : given)
    if (const PciFunction& function = function_at(host, one.function); is_gpu(function))
      recorded[one.function] = identity_of(host, function);
  const std::string before = own_metadata_text(domain.persistent_xml);
  const std::string after = with_identities(before, recorded, {});
  if (!recorded.empty() && after != before)
    plan.steps.push_back(
        {fmt::format("record in the definition of guest {} which GPUs are meant", domain.name),
         "another card may get their addresses", SetMetadata{domain.name, after},
         SetMetadata{domain.name, before}});
}

}  // namespace

Plan plan_attach(const Host& host, const DomainXml& domain, const std::vector<DeviceId>& devices,
                 const AttachOptions& options) {
  expect_asked(host, needs(Verb::Attach), "attach to", domain.name);
  const auto [gpus, slices] = parted(host, devices);
  const std::vector<Scope> scopes = scopes_of(domain, options, "attach to");
  refuse_other_guests(host, gpus, domain.name, "attach to");
  expect_givable(host, "attach to", domain.name, slices);
  refuse_another_device(host, domain, gpus);

  Plan plan;
  plan.assumes.push_back(assumption_of(domain.name, &domain));
  if (!gpus.empty()) append(plan, plan_bind(host, gpus, options.bind));
  for (const Scope scope : scopes) {
    const std::vector<Given> given = missing(host, gpus, domain, scope);
    if (scope == Scope::Config) record_identities(plan, host, domain, given);
    for (const Given& one : given) plan.steps.push_back(attach_step(domain.name, one, scope, options));
    attach_slices(plan, domain, slices, scope, options);
    if (scope == Scope::Live) note_life(plan, domain, given);
  }
  if (plan.steps.empty()) return {};
  append(plan, {assumptions_of(host, closure_of(host, gpus)), {}, {}});
  note_other_wishes(plan, host, gpus, domain.name);
  note_slices(plan, host, domain.name, slices);
  if (std::ranges::find(scopes, Scope::Config) != scopes.end()) note_reboot(plan, host, gpus);
  return plan;
}

}  // namespace gpupass
