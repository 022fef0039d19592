// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/guard/claims.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "policy/plan/make_way.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// A function and where it goes.
struct Return {
  Moving moving;
  SetDriver change;
  bool recorded = false;

  bool must_unbind() const {
    if (moving.state.driver.empty()) return false;
    return change.kernel_chooses || change.state.driver != moving.state.driver;
  }
};

/// Without a record, a host driver keeps the device; only the override, which would bring vfio-pci back, is
/// cleared.
SetDriver unrecorded(const Moving& moving) {
  const PciAddress address = moving.function->address;
  if (moving.state.driver.empty() || on_vfio(*moving.function)) return {address, {}, true};
  return {address, {moving.state.driver, ""}};
}

/// Those functions that are not at home. Without a record only the named cards themselves move: what else is
/// on vfio-pci may have been there before.
std::vector<Return> returns(const Host& host, const std::vector<PciAddress>& gpus,
                            const std::vector<PciAddress>& closure) {
  std::vector<Return> result;
  for (Moving& moving : leaving_order(host, closure, "release")) {
    const auto on_card = [&](PciAddress gpu) {
      return same_card(host, function_at(host, gpu), *moving.function);
    };
    if (const Home* home = home_of(host, *moving.function)) {
      if (moving.state != home->state)
        result.push_back({moving, {moving.function->address, home->state}, true});
    } else if (std::ranges::any_of(gpus, on_card) &&
               (on_vfio(*moving.function) || is_vfio_driver(moving.state.driver_override))) {
      result.push_back({moving, unrecorded(moving)});
    }
  }
  return result;
}

/// This comes first: a device that a hung driver holds cannot even be read.
void refuse_wedged(const Host& host, const std::vector<PciAddress>& gpus,
                   const std::vector<PciAddress>& closure) {
  std::vector<Finding> findings;
  for (const PciAddress address : closure)
    if (auto finding = wedged_finding(host, address)) findings.push_back(*std::move(finding));
  if (!findings.empty()) refuse("release", addresses_text(gpus), findings);
}

void refuse_in_use(const Host& host, const std::vector<PciAddress>& gpus,
                   const std::vector<PciAddress>& closure) {
  std::vector<Finding> findings = users_of(host, gpus.front(), closure);
  for (const PciAddress address : closure)
    if (has_virtual_functions(function_at(host, address)))
      findings.push_back({"gpu.has-vfs", Verdict::Fail, address.to_string(),
                          fmt::format("{} has virtual functions", address.to_string()),
                          "gpupass slice destroy " + address.to_string()});
  if (!findings.empty()) refuse("release", addresses_text(gpus), findings);
}

/// What the kernel would choose is the driver that has the ids: nothing would be released.
void refuse_claimed(const Host& host, const std::vector<Return>& moving) {
  for (const Return& one : moving)
    if (const Claim* claim = one.change.kernel_chooses ? claim_by_ids(host, *one.moving.function) : nullptr)
      refuse("release", one.moving.function->address.to_string(),
             fmt::format("there is no record of where it belongs, and {}: the kernel would choose that again",
                         text_of(*claim)),
             withdrawal_of(*claim) + ", and reboot the host");
}

void go_home(Plan& plan, Return& one) {
  const std::string name = one.moving.function->address.to_string();
  const std::string driver = one.change.state.driver;
  std::string summary, reason;
  if (one.change.kernel_chooses) {
    summary = fmt::format("let the kernel choose the driver of {}", name);
    reason = "there is no record of where it belongs";
    plan.notes.push_back(fmt::format(
        "there is no record of where {} belongs: its override is cleared, and the kernel chooses its driver",
        name));
  } else if (one.recorded && driver == one.moving.state.driver && !driver.empty()) {
    summary = fmt::format("restore the driver override of {}", name);
    reason = "bind found it that way";
  } else if (one.recorded) {
    summary = driver.empty() ? fmt::format("leave {} without a driver", name)
                             : fmt::format("bind {} to {}", name, driver);
    reason = "bind found it that way";
  } else {
    summary = fmt::format("clear the driver override of {}", name);
    reason = fmt::format("there is no record of where it belongs, and {} has it already", driver);
  }
  add_step(plan, one.moving, one.change, std::move(summary), std::move(reason));
}

void allow_d3cold(Plan& plan, const Host& host, PciAddress address) {
  const PciFunction& function = function_at(host, address);
  const Home* home = home_of(host, function);
  if (home && home->d3cold_allowed.value_or(false) && function.d3cold_allowed && !*function.d3cold_allowed)
    plan.steps.push_back({fmt::format("let {} into D3cold again", address.to_string()),
                          "bind found it that way", SetD3cold{address, true}, SetD3cold{address, false}});
}

/// Only NVIDIA's driver has the mode, and only while it has the GPU.
void restore_persistence(Plan& plan, const Host& host, const Return& one) {
  const PciAddress address = one.moving.function->address;
  const Home* home = home_of(host, *one.moving.function);
  if (one.recorded && home && home->persistence.value_or(false) && home->state.driver == "nvidia")
    plan.steps.push_back({fmt::format("switch the persistence mode of {} on again", address.to_string()),
                          "bind found it that way", SetPersistence{address, true},
                          SetPersistence{address, false}});
}

/// What `bind` recorded of the function that is at its address now.
MadeWay made_way_for(const Host& host, PciAddress address) {
  const Home* home = home_of(host, function_at(host, address));
  return home ? home->made_way : MadeWay();
}

/// Several functions may have made the same ones stop.
std::vector<std::string> services_of(const Host& host, const std::vector<PciAddress>& functions) {
  std::set<std::string> services;
  for (const PciAddress address : functions)
    for (const std::string& unit : made_way_for(host, address).services) services.insert(unit);
  return {services.begin(), services.end()};
}

void forget(Plan& plan, const Host& host, PciAddress address) {
  if (const Home* home = find_home(host, address))
    plan.steps.push_back({fmt::format("forget where {} belongs", address.to_string()), "it is back there",
                          SetHome{address, std::nullopt}, SetHome{address, *home}});
}

void note_wanted(Plan& plan, const Host& host, const std::vector<PciAddress>& closure) {
  if (!host.domains) return;
  for (const Domain& domain : *host.domains)
    for (const DeviceId device : domain.persistent_devices)
      if (std::ranges::binary_search(closure, device))
        plan.notes.push_back(
            fmt::format("guest {} is defined with {}, and will not start until it is bound again",
                        domain.name, device.to_string()));
}

void note_boot(Plan& plan, const Host& host, const std::vector<PciAddress>& closure) {
  std::vector<PciAddress> bound;
  std::ranges::copy_if(closure, std::back_inserter(bound), [&](PciAddress address) {
    return is_bound_at_boot(host, function_at(host, address));
  });
  if (!bound.empty())
    plan.notes.push_back(
        fmt::format("the next boot binds {} to vfio-pci again, unless it is released with --persist",
                    addresses_text(bound)));
  for (const PciAddress address : plan.steps.empty() ? std::vector<PciAddress>() : closure)
    if (const Claim* claim = claim_by_ids(host, function_at(host, address)))
      plan.notes.push_back(
          fmt::format("the next boot takes {} again: {}", address.to_string(), text_of(*claim)));
}

}  // namespace

Plan release_now(const Host& host, const std::vector<PciAddress>& gpus) {
  expect_asked(host, needs(Verb::Release), "release", addresses_text(gpus));
  for (const PciAddress gpu : gpus) function_at(host, gpu);
  const std::vector<PciAddress> closure = closure_of(host, gpus);
  refuse_wedged(host, gpus, closure);
  std::vector<Return> moving = returns(host, gpus, closure);
  if (!moving.empty()) refuse_in_use(host, gpus, closure);
  refuse_claimed(host, moving);

  Plan plan;
  for (Return& one : moving)
    if (one.must_unbind()) {
      const std::string from = one.moving.state.driver;
      const PciAddress address = one.moving.function->address;
      add_step(plan, one.moving, {address, {"", one.moving.state.driver_override}},
               fmt::format("unbind {} from {}", address.to_string(), from),
               "all functions leave before the first goes home");
    }
  std::ranges::stable_partition(moving, [](const Return& one) { return one.moving.gpu; });
  for (Return& one : moving) go_home(plan, one);
  for (const Return& one : moving) restore_persistence(plan, host, one);
  for (const PciAddress address : closure) show_again(plan, made_way_for(host, address));
  for (const PciAddress address : closure) allow_d3cold(plan, host, address);
  for (const PciAddress address : closure) forget(plan, host, address);
  start_again(plan, services_of(host, closure));  // Last: from here on somebody may use the devices.
  if (plan.steps.empty()) return {};
  plan.assumes = assumptions_of(host, closure);
  note_wanted(plan, host, closure);
  return plan;
}

Plan plan_release(const Host& host, const std::vector<PciAddress>& gpus) {
  Plan plan = release_now(host, gpus);
  note_boot(plan, host, closure_of(host, gpus));
  return plan;
}

}  // namespace gpupass
