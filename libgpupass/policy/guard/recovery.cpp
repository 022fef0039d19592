// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/guest.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/users.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/shell_word.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// The guest that the plan stops, or parts from its devices, before it unbinds anything.
std::string guest_of(const Plan& plan) {
  for (const Step& step : plan.steps) {
    if (const auto* power = std::get_if<SetPower>(&step.change); power && !power->running)
      return power->domain;
    if (const auto* device = std::get_if<SetDevice>(&step.change);
        device && !device->present && device->scope == Scope::Live)
      return device->domain;
  }
  return {};
}

std::vector<PciAddress> rebound_by(const Host& host, const Plan& plan) {
  std::set<PciAddress> devices;
  for (const Step& step : plan.steps)
    if (const auto* driver = std::get_if<SetDriver>(&step.change);
        driver && find_function(host, driver->device))
      devices.insert(driver->device);
  return {devices.begin(), devices.end()};
}

/// The virtual functions that the plan would take away, or replace by others.
std::vector<PciAddress> vanishing_by(const Host& host, const Plan& plan) {
  std::set<PciAddress> functions;
  for (const Step& step : plan.steps)
    if (const auto* change = std::get_if<SetVirtualFunctions>(&step.change))
      if (const PciFunction* function = find_function(host, change->device))
        for (const PciAddress slice : function->virtual_functions.value_or({}))
          if (find_function(host, slice)) functions.insert(slice);
  return {functions.begin(), functions.end()};
}

/// The vGPUs and mediated devices that the plan would take away, or replace by others.
std::vector<DeviceId> slices_lost_by(const Host& host, const Plan& plan) {
  std::set<DeviceId> slices;
  for (const Step& step : plan.steps) {
    if (const auto* vgpu = std::get_if<SetVgpuType>(&step.change); vgpu && find_function(host, vgpu->device))
      slices.insert(vgpu->device);
    if (const auto* mediated = std::get_if<SetMediatedDevice>(&step.change); mediated && !mediated->present)
      slices.insert(mediated->device);
  }
  return {slices.begin(), slices.end()};
}

void refuse_users_of_slices(const Host& host, const Plan& plan, const std::string& verb) {
  for (const DeviceId slice : slices_lost_by(host, plan))
    if (const auto users = users_of_slice(host, slice); !users.empty())
      refuse(verb, slice.to_string(), users);
}

void refuse_users(const Host& host, const Plan& plan, const std::vector<PciAddress>& functions,
                  const std::string& verb) {
  if (functions.empty()) return;
  const auto users = users_of(host, functions.front(), closure_of(host, functions), guest_of(plan));
  if (!users.empty()) refuse(verb, addresses_text(functions), users);
}

/// Whether the GPU of its card is asked in its place.
bool moves_with_gpu(const Host& host, const PciFunction& function) {
  return !is_gpu(function) && std::ranges::any_of(card_mates(host, function),
                                                  [](const PciFunction* mate) { return is_gpu(*mate); });
}

/// A guest that comes back needs its devices. To stop one at once may destroy its data.
void guard_power(const Host& host, const SetPower& power) {
  const Domain* domain = find_domain(host, power.domain);
  if (!domain) return;
  if (power.running) {
    std::vector<PciAddress> devices;
    for (const DeviceId device : domain->persistent_devices)
      if (find_function(host, device)) devices.push_back(*device.function());
    refuse_other_guests(host, devices, domain->name, "undo");
  } else if (domain->active) {
    refuse("undo", domain->name, "saw a guest that runs, expected one that is shut off",
           fmt::format("virsh shutdown {}, then try again", shell_word(domain->name)));
  }
}

}  // namespace

void guard_recovery(const Host& host, const Plan& plan) {
  const std::vector<PciAddress> functions = rebound_by(host, plan);
  if (!functions.empty()) expect_asked(host, needs(Verb::Recover), "recover", addresses_text(functions));
  refuse_users(host, plan, functions, "recover");
  refuse_users(host, plan, vanishing_by(host, plan), "recover");
  refuse_users_of_slices(host, plan, "recover");
}

void guard_undo(const Host& host, const Plan& plan) {
  const std::vector<PciAddress> functions = rebound_by(host, plan);
  expect_asked(host, needs(Verb::Undo), "undo", addresses_text(functions));
  for (const Step& step : plan.steps)
    if (const auto* power = std::get_if<SetPower>(&step.change)) guard_power(host, *power);
  refuse_users(host, plan, functions, "undo");
  refuse_users(host, plan, vanishing_by(host, plan), "undo");
  refuse_users_of_slices(host, plan, "undo");
  for (const PciAddress function : functions) {
    const PciFunction& device = function_at(host, function);
    if (on_vfio(device) || moves_with_gpu(host, device)) continue;
    if (const auto reasons = findings_of(objections(host, function, functions)); !reasons.empty())
      refuse("undo", function.to_string(), reasons);
  }
}

}  // namespace gpupass
