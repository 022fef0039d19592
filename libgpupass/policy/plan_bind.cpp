// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "gpupass/policy.hpp"
#include "policy/card.hpp"
#include "policy/closure.hpp"
#include "policy/guards.hpp"
#include "policy/rebind.hpp"
#include "policy/text.hpp"

namespace gpupass {

namespace {

bool is_bound(const Host& host, PciAddress gpu) {
  const auto closure = closure_of(host, gpu);
  return !closure.empty() &&
         std::ranges::all_of(closure, [&](PciAddress f) { return on_vfio(function_at(host, f)); });
}

/// What would move although nobody asked for it. A card of another kind in the group may be a disk that is
/// needed, and until there is a way to name it, it stays where it is; one on vfio-pci does not move.
void find_unasked(std::vector<Finding>& findings, const Host& host, const std::vector<PciAddress>& gpus) {
  for (const PciAddress address : closure_of(host, gpus)) {
    const PciFunction& function = function_at(host, address);
    const auto on_card = [&](PciAddress gpu) { return same_card(function_at(host, gpu), function); };
    if (function.driver.absent() && std::ranges::none_of(gpus, on_card))
      findings.push_back(
          {"group.idle-member", Verdict::Fail, addresses_text(gpus),
           fmt::format("{} shares its IOMMU group and would move with it", device_text(function)),
           "put the card into another slot, one whose port has ACS"});
  }
}

/// Those that are not bound yet, with nothing in their way.
std::vector<PciAddress> to_bind(const Host& host, const std::vector<PciAddress>& gpus,
                                const std::vector<PciAddress>& devices) {
  std::vector<PciAddress> unbound;
  for (const auto& wanted : {gpus, devices})
    for (const PciAddress address : wanted) {
      function_at(host, address);  // Throws when the host has no such function.
      if (!is_bound(host, address)) unbound.push_back(address);
    }
  std::vector<Finding> findings;
  for (const PciAddress address : unbound) {
    std::vector<Finding> found = guards(host, address, unbound);
    if (std::ranges::find(devices, address) != devices.end())
      std::erase_if(found, [](const Finding& finding) {
        return finding.id == "gpu.class" && finding.verdict == Verdict::Fail;
      });
    std::ranges::move(found, std::back_inserter(findings));
  }
  find_unasked(findings, host, unbound);
  if (!findings.empty()) refuse("bind", addresses_text(unbound), findings);
  return unbound;
}

/// Whether where the function is now is where it belongs, and nothing says so yet. A function that a bind has
/// already touched is not at home; then the record of the first bind holds.
bool needs_record(const Host& host, const Moving& moving) {
  if (on_vfio(*moving.function)) return false;
  const Home* home = home_of(host, *moving.function);
  if (!home) return true;
  return moving.state.driver_override != kVfioDriver && moving.state != home->state;
}

std::optional<Home> record_of(const Home* home) {
  return home ? std::optional(*home) : std::nullopt;
}

void record(Plan& plan, const Host& host, const Moving& moving) {
  const PciFunction& function = *moving.function;
  const std::string name = function.address.to_string();
  if (!function.vendor || !function.device)
    refuse("bind", name, "saw no vendor and device id, expected both");
  const Home home{function.address, moving.state, *function.vendor, *function.device};
  plan.steps.push_back({fmt::format("record that {} belongs to {}", name, driver_text(home.state.driver)),
                        "release restores exactly this", SetHome{function.address, home},
                        SetHome{function.address, record_of(find_home(host, function.address))}});
}

/// Why a function moves at all.
std::string membership(const Host& host, const Moving& moving, const std::vector<PciAddress>& gpus) {
  const PciFunction& function = *moving.function;
  for (const PciAddress gpu : gpus) {
    if (gpu == function.address) return "it was asked for";
    if (same_card(function_at(host, gpu), function))
      return fmt::format("it is on the card of {}", gpu.to_string());
  }
  return function.iommu_group
             ? fmt::format("it is in IOMMU group {}, which moves as a whole", *function.iommu_group)
             : "it belongs to the closure";
}

}  // namespace

Plan plan_bind(const Host& host, const std::vector<PciAddress>& gpus) {
  return plan_bind(host, gpus, {});
}

Plan plan_bind(const Host& host, const std::vector<PciAddress>& gpus,
               const std::vector<PciAddress>& devices) {
  const std::vector<PciAddress> unbound = to_bind(host, gpus, devices);
  if (unbound.empty()) return {};
  const std::vector<PciAddress> closure = closure_of(host, unbound);
  std::vector<Moving> movings = leaving_order(host, closure, "bind");

  Plan plan;
  plan.assumes = assumptions_of(host, closure);
  std::erase_if(movings, [](const Moving& moving) { return on_vfio(*moving.function); });

  plan.steps.push_back({"load vfio-pci",
                        "its module may not be loaded yet; a driver without devices needs no undo",
                        LoadModule{kVfioDriver}, std::nullopt});
  for (const Moving& moving : movings)
    if (needs_record(host, moving)) record(plan, host, moving);
  for (Moving& moving : movings)
    if (const PciAddress address = moving.function->address; moving.state.driver_override != kVfioDriver)
      add_step(plan, moving, {address, {moving.state.driver, kVfioDriver}},
               fmt::format("aim {} at vfio-pci", address.to_string()),
               "from here on no other driver can take it when it is free");
  for (Moving& moving : movings)
    if (const PciAddress address = moving.function->address; !moving.state.driver.empty())
      add_step(plan, moving, {address, {"", kVfioDriver}},
               fmt::format("unbind {} from {}", address.to_string(), moving.state.driver),
               membership(host, moving, unbound));
  std::ranges::stable_partition(movings, std::identity(), &Moving::gpu);
  for (Moving& moving : movings)
    add_step(plan, moving, {moving.function->address, vfio_state()},
             fmt::format("bind {} to vfio-pci", moving.function->address.to_string()),
             membership(host, moving, unbound));
  return plan;
}

}  // namespace gpupass
