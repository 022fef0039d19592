// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include "gpupass/identity.hpp"
#include "gpupass/policy.hpp"
#include "guest/check/identities.hpp"
#include "policy/asked.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "policy/plan/make_way.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/refuse.hpp"
#include "policy/settings.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Finds devices that would move although the user did not name them. A card of another kind in the group may
/// be a disk that is needed: it stays where it is until it is named; one on vfio-pci does not move.
void find_unasked(std::vector<Objection>& objections, const Host& host, const std::vector<PciAddress>& gpus) {
  for (const PciAddress address : closure_of(host, gpus)) {
    const PciFunction& function = function_at(host, address);
    const auto on_card = [&](PciAddress gpu) { return same_card(host, function_at(host, gpu), function); };
    if (function.driver.absent() && std::ranges::none_of(gpus, on_card))
      objections.push_back(
          {{"group.idle-member", Verdict::Fail, addresses_text(gpus),
            fmt::format("{} shares its IOMMU group and would move with it", device_text(function)),
            fmt::format("put the card into another slot, one whose port has ACS; --force {} takes it along",
                        function.address.to_string())},
           function.address});
  }
}

/// On vfio-pci too, such a GPU is for no guest.
void refuse_quarantined(const Host& host, const std::vector<PciAddress>& gpus) {
  std::vector<Finding> findings;
  for (const PciAddress gpu : gpus)
    if (auto finding = quarantine_finding(host, function_at(host, gpu)))
      findings.push_back(*std::move(finding));
  if (!findings.empty()) refuse("bind", addresses_text(gpus), findings);
}

/// Those that are not bound yet, with nothing in their way.
std::vector<PciAddress> to_bind(const Host& host, const std::vector<PciAddress>& gpus,
                                const std::vector<PciAddress>& devices, const BindOptions& options) {
  std::vector<PciAddress> unbound;
  for (const auto& wanted : {gpus, devices})
    for (const PciAddress address : wanted) {
      function_at(host, address);  // Throws when the host has no such function.
      if (!is_bound(host, closure_of(host, address))) unbound.push_back(address);
    }
  for (const PciAddress address : options.force) function_at(host, address);
  refuse_quarantined(host, gpus);
  std::vector<Objection> all;
  for (const PciAddress address : unbound)
    std::ranges::move(objections(host, address, unbound, options.stop), std::back_inserter(all));
  find_unasked(all, host, unbound);
  const std::vector<Finding> findings = findings_of(unforced(std::move(all), options.force));
  if (!findings.empty()) refuse("bind", addresses_text(unbound), findings);
  return unbound;
}

/// Whether the present driver is the function's own, and has no record yet. After an earlier bind it is not;
/// then the first record stays valid.
bool needs_record(const Host& host, const Moving& moving) {
  if (on_vfio(*moving.function)) return false;
  const Home* home = home_of(host, *moving.function);
  const std::string& name = moving.state.driver_override;
  const bool free = moving.state.driver.empty() && (name.empty() || is_vfio_driver(name));
  // While the host boots its driver may not have come yet, or the boot image has come half the way: that is
  // no home.
  if (!home && free && is_bound_at_boot(host, *moving.function)) return false;
  if (!home) return true;
  return !is_vfio_driver(moving.state.driver_override) && moving.state != home->state;
}

std::optional<Home> record_of(const Home* home) {
  return home ? std::optional(*home) : std::nullopt;
}

void record(Plan& plan, const Host& host, const Moving& moving, const MakeWay& way,
            const std::string& guest) {
  const PciFunction& function = *moving.function;
  const std::string name = function.address.to_string();
  if (!function.vendor || !function.device)
    refuse("bind", name, "saw no vendor and device id, expected both");
  const std::optional<bool> d3cold =
      function.d3cold_allowed ? std::optional(*function.d3cold_allowed) : std::nullopt;
  const std::optional<bool> persistence =
      function.persistence ? std::optional(*function.persistence) : std::nullopt;
  Home home{function.address,        moving.state, identity_of(host, function), d3cold, persistence,
            way.record_of(function), guest};
  for (auto* id : {&home.identity.subsystem_vendor, &home.identity.subsystem_device})
    if (*id == 0) id->reset();
  plan.steps.push_back({fmt::format("record that {} belongs to {}", name, driver_text(home.state.driver)),
                        "release restores exactly this", SetHome{function.address, home},
                        SetHome{function.address, record_of(find_home(host, function.address))}});
}

void load_drivers(Plan& plan, const std::vector<Moving>& movings) {
  std::set<std::string> drivers;
  for (const Moving& moving : movings) drivers.insert(vfio_driver_of(*moving.function));
  for (const std::string& driver : drivers)
    plan.steps.push_back({"load " + driver,
                          "its module may not be loaded yet; a driver without devices needs no undo",
                          LoadModule{driver}, std::nullopt});
}

/// While nobody uses a card, the kernel may cut its power. Some do not come back from that, in front of a
/// guest. A port keeps the power of all that is below it while one of them needs it, so the GPU speaks for
/// its card.
void keep_power(Plan& plan, const Moving& moving) {
  const PciAddress address = moving.function->address;
  if (!moving.gpu || !moving.function->d3cold_allowed.value_or(false)) return;
  plan.steps.push_back({fmt::format("keep {} out of D3cold", address.to_string()),
                        "some cards do not come back after their power was cut", SetD3cold{address, false},
                        SetD3cold{address, true}});
}

/// In persistence mode a driver waits for itself.
void let_sleep(Plan& plan, const std::vector<Moving>& movings) {
  for (const Moving& moving : movings) {
    const PciAddress address = moving.function->address;
    if (moving.function->persistence.value_or(false))
      plan.steps.push_back({fmt::format("switch the persistence mode of {} off", address.to_string()),
                            "its driver would wait for itself", SetPersistence{address, false},
                            SetPersistence{address, true}});
  }
}

/// Why a function moves at all.
std::string membership(const Host& host, const Moving& moving, const std::vector<PciAddress>& gpus) {
  const PciFunction& function = *moving.function;
  for (const PciAddress gpu : gpus) {
    if (gpu == function.address) return kAskedFor;
    if (same_card(host, function_at(host, gpu), function))
      return fmt::format("it is on the card of {}", gpu.to_string());
  }
  return function.iommu_group
             ? fmt::format("it is in IOMMU group {}, which moves as a whole", *function.iommu_group)
             : "it belongs to the closure";
}

}  // namespace

Plan plan_bind(const Host& host, const std::vector<PciAddress>& gpus, const BindOptions& options) {
  return plan_bind(host, gpus, {}, options);
}

Plan plan_bind(const Host& host, const std::vector<PciAddress>& gpus, const std::vector<PciAddress>& devices,
               const BindOptions& options) {
  expect_asked(host, needs(Verb::Bind), "bind", addresses_text(gpus));
  BindOptions allowed = options;
  allowed.stop = may_stop(host, options.stop);
  const std::vector<PciAddress> unbound = to_bind(host, gpus, devices, allowed);
  if (unbound.empty()) return {};
  const std::vector<PciAddress> closure = closure_of(host, unbound);
  std::vector<Moving> movings = leaving_order(host, closure, "bind");
  const MakeWay way(host, closure, allowed.stop);

  Plan plan;
  plan.assumes = assumptions_of(host, closure);
  std::erase_if(movings, [](const Moving& moving) { return on_vfio(*moving.function); });

  for (const Finding& finding : identity_findings(host, closure))
    plan.notes.push_back(finding.message + ": " + finding.remedy);
  load_drivers(plan, movings);
  for (const Moving& moving : movings)
    if (needs_record(host, moving)) record(plan, host, moving, way, options.guest);
  for (const Moving& moving : movings) keep_power(plan, moving);
  for (Moving& moving : movings)
    if (const std::string driver = vfio_driver_of(*moving.function); moving.state.driver_override != driver)
      add_step(plan, moving, {moving.function->address, {moving.state.driver, driver}},
               fmt::format("aim {} at {}", moving.function->address.to_string(), driver),
               "from here on no other driver can take it when it is free");
  way.clear(plan);
  let_sleep(plan, movings);
  for (Moving& moving : movings)
    if (const PciAddress address = moving.function->address; !moving.state.driver.empty())
      add_step(plan, moving, {address, {"", moving.state.driver_override}},
               fmt::format("unbind {} from {}", address.to_string(), moving.state.driver),
               membership(host, moving, unbound));
  std::ranges::stable_partition(movings, std::identity(), &Moving::gpu);
  for (Moving& moving : movings) {
    const std::string driver = vfio_driver_of(*moving.function);
    add_step(plan, moving, {moving.function->address, {driver, driver}},
             fmt::format("bind {} to {}", moving.function->address.to_string(), driver),
             membership(host, moving, unbound));
  }
  way.wake_up(plan);
  return plan;
}

}  // namespace gpupass
