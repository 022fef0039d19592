// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/guard/candidate.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/plan/slice_types.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/makers.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"
#include "values/sysfs.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// A guest that is off would not find it again: another one comes to its address at best.
void guard_wanted(Candidate& candidate) {
  const std::string name = candidate.gpu().address.to_string();
  for (const Domain& domain : candidate.host().domains.value_or({}))
    if (std::ranges::binary_search(domain.persistent_devices, DeviceId(candidate.gpu().address)))
      candidate.fail("slice.wanted", fmt::format("guest {} is defined with {}", domain.name, name),
                     fmt::format("gpupass detach --config {} {}", shell_word(domain.name), name));
  if (find_boot_binding(candidate.host(), candidate.gpu().address))
    candidate.fail("slice.wanted", fmt::format("{} is bound to vfio-pci at every boot", name),
                   "gpupass release --persist " + name);
}

std::vector<Objection> objections_to_vanish(const Host& host, PciAddress function,
                                            const std::vector<PciAddress>& together) {
  Candidate candidate(host, function, together);
  if (auto finding = wedged_finding(host, function)) candidate.add(*std::move(finding));
  guard_wanted(candidate);
  guard_uses(candidate, candidate.gpu());
  guard_driver(candidate, candidate.gpu());
  if (candidate.gpu().driver && !on_vfio(candidate.gpu())) guard_letting_go(candidate);
  for (Finding& user : users_of(host, function, {function})) candidate.add(std::move(user));
  return candidate.objections();
}

/// The virtual functions that are there now, when nothing is in the way of taking them away.
std::vector<PciAddress> free_functions(const Host& host, const PciFunction& gpu) {
  const std::string name = gpu.address.to_string();
  if (!gpu.virtual_functions)
    refuse(kSliceVerb, name,
           fmt::format("its virtual functions are not known: {}", why_unknown(gpu.virtual_functions)));
  std::vector<Objection> objections;
  for (const PciAddress function : *gpu.virtual_functions)
    std::ranges::move(objections_to_vanish(host, function, *gpu.virtual_functions),
                      std::back_inserter(objections));
  if (!objections.empty()) refuse(kSliceVerb, name, findings_of(std::move(objections)));
  return *gpu.virtual_functions;
}

void expect_sliceable(const Host& host, const PciFunction& gpu, unsigned count) {
  const std::string name = gpu.address.to_string();
  if (const auto finding = wedged_finding(host, gpu.address)) refuse(kSliceVerb, name, {*finding});
  if (is_virtual(gpu))
    refuse(kSliceVerb, name,
           fmt::format("it is a virtual function of {}", gpu.physical_function->to_string()),
           "name the GPU itself");
  if (!gpu.slicing)
    refuse(kSliceVerb, name, fmt::format("its ways to be cut are not known: {}", why_unknown(gpu.slicing)));
  if (gpu.sriov.absent())
    refuse(kSliceVerb, name, "it has no SR-IOV", "gpupass slices tells what GPUs can be cut into");
  if (!gpu.sriov)
    refuse(kSliceVerb, name, fmt::format("its SR-IOV is not known: {}", why_unknown(gpu.sriov)), kRunAsRoot);
  if (count > gpu.sriov->total_vfs)
    refuse(kSliceVerb, name,
           fmt::format("saw {} virtual functions wanted, expected at most {}", count, gpu.sriov->total_vfs),
           "gpupass slices tells how many a GPU can have");
}

void expect_made_by_sysfs(const PciFunction& gpu) {
  const std::string name = gpu.address.to_string();
  if (const VfObstacle obstacle = vf_obstacle(gpu); !obstacle.why.empty())
    refuse(kSliceVerb, name, obstacle.why, obstacle.remedy);
  if (gpu.slicing->drivers_autoprobe.unknown())
    refuse(kSliceVerb, name,
           fmt::format("whether drivers take new virtual functions is not known: {}",
                       gpu.slicing->drivers_autoprobe.why()));
}

std::vector<Assumption> assumptions(const Host& host, const PciFunction& gpu,
                                    const std::vector<PciAddress>& functions) {
  std::vector<PciAddress> all = functions;
  all.push_back(gpu.address);
  std::vector<Assumption> assumptions = assumptions_of(host, all);
  const auto expect = [&](const char* attribute, std::string text) {
    assumptions.push_back({Assumption::Kind::Attribute, sysfs_path(gpu.address, attribute), std::move(text)});
  };
  expect("sriov_totalvfs", fmt::to_string(gpu.sriov->total_vfs));
  expect("sriov_numvfs", fmt::to_string(gpu.sriov->vfs));
  if (const Fact<bool>& autoprobe = gpu.slicing->drivers_autoprobe)
    expect("sriov_drivers_autoprobe", *autoprobe ? "1" : "0");
  return assumptions;
}

/// A driver lets go of a function before the function vanishes, and what `bind` set is as in a new one: so
/// the way back finds both.
void free_from_drivers(Plan& plan, const Host& host, const std::vector<PciAddress>& functions) {
  constexpr auto kReason = "it goes away";
  for (Moving& moving : leaving_order(host, functions, kSliceVerb)) {
    const PciAddress address = moving.function->address;
    const std::string name = address.to_string();
    if (moving.state != DriverState())
      add_step(plan, moving, {address, {}},
               moving.state.driver.empty() ? fmt::format("clear the driver override of {}", name)
                                           : fmt::format("unbind {} from {}", name, moving.state.driver),
               kReason);
    if (!moving.function->d3cold_allowed.value_or(true))
      plan.steps.push_back({fmt::format("allow D3cold of {}", name), kReason, SetD3cold{address, true},
                            SetD3cold{address, false}});
    if (const Home* home = find_home(host, address))
      plan.steps.push_back({fmt::format("forget where {} belongs", name), kReason,
                            SetHome{address, std::nullopt}, SetHome{address, *home}});
  }
}

std::string summary_of(const PciFunction& gpu, unsigned count) {
  const std::string name = gpu.address.to_string();
  if (count == 0) return fmt::format("take the virtual functions of {} away", name);
  return fmt::format("cut {} into {} virtual function{}", name, count, count == 1 ? "" : "s");
}

Plan plan_count(const Host& host, PciAddress address, unsigned count) {
  expect_asked(host, parts_for_slices(), kSliceVerb, address.to_string());
  const PciFunction& gpu = function_at(host, address);
  expect_sliceable(host, gpu, count);
  if (gpu.sriov->vfs == count) return {};
  expect_made_by_sysfs(gpu);
  const std::vector<PciAddress> functions = free_functions(host, gpu);
  Plan plan;
  plan.assumes = assumptions(host, gpu, functions);
  free_from_drivers(plan, host, functions);
  std::optional<bool> autoprobe;
  if (gpu.slicing->drivers_autoprobe) autoprobe = *gpu.slicing->drivers_autoprobe;
  plan.steps.push_back({summary_of(gpu, count), kAskedFor, SetVirtualFunctions{address, count, autoprobe},
                        SetVirtualFunctions{address, gpu.sriov->vfs, autoprobe}});
  if (count > 0)
    plan.notes.push_back(
        fmt::format("the virtual functions have no driver: gpupass bind gives one to vfio-pci; they last "
                    "until the next boot"));
  return plan;
}

}  // namespace

Plan plan_slice_create(const Host& host, PciAddress gpu, unsigned vfs) {
  return plan_count(host, gpu, vfs);
}

Plan plan_slice_destroy(const Host& host, PciAddress gpu) {
  return plan_count(host, gpu, 0);
}

}  // namespace gpupass
