// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/guard/guards.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// The guest that the plan stops, or parts from its devices, before it unbinds anything.
std::string guest_of(const Plan& plan) {
  for (const Step& step : plan.steps) {
    if (const auto* power = std::get_if<SetPower>(&step.change); power && !power->running)
      return power->domain;
    if (const auto* device = std::get_if<SetDevice>(&step.change); device && !device->present)
      return device->domain;
  }
  return {};
}

}  // namespace

void guard_recovery(const Host& host, const Plan& plan) {
  std::set<PciAddress> devices;
  for (const Step& step : plan.steps)
    if (const auto* driver = std::get_if<SetDriver>(&step.change);
        driver && find_function(host, driver->device))
      devices.insert(driver->device);
  if (devices.empty()) return;
  const std::vector<PciAddress> functions(devices.begin(), devices.end());
  expect_asked(host, needs(Verb::Recover), "recover", addresses_text(functions));
  const auto users = users_of(host, functions.front(), closure_of(host, functions), guest_of(plan));
  if (!users.empty()) refuse("recover", addresses_text(functions), users);
}

}  // namespace gpupass
