// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "policy/plan/slice_types.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/users.hpp"
#include "values/card.hpp"
#include "values/number.hpp"
#include "values/sysfs.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

void add_vgpu_step(Plan& plan, PciAddress function, unsigned type, unsigned before) {
  const std::string name = function.to_string();
  assume(plan, Assumption::Kind::Attribute, sysfs_path(function, "nvidia/current_vgpu_type"),
         fmt::to_string(before));
  plan.steps.push_back({type == 0 ? fmt::format("take the vGPU of type {} of {} away", before, name)
                                  : fmt::format("make {} a vGPU of type {}", name, type),
                        kAskedFor, SetVgpuType{function, type}, SetVgpuType{function, before}});
}

/// Why a function that has no vGPU yet must not become one. A guest that is defined with it may be about to
/// start; whoever names it means that guest.
std::vector<Finding> reasons_against(const Host& host, const PciFunction& function, bool named) {
  std::vector<Finding> reasons = users_of_slice(host, function.address);
  if (!named) std::ranges::move(wishes_for_slice(host, function.address), std::back_inserter(reasons));
  return reasons;
}

}  // namespace

Plan plan_vgpus(const Host& host, const PciFunction& gpu, const Offer& offer, const SliceRequest& request) {
  const std::string name = gpu.address.to_string();
  if (!request.uuid.empty() || request.at_boot)
    refuse(
        kSliceVerb, name,
        fmt::format("type {} is one of vGPUs on virtual functions: they have no UUID, and nothing keeps them "
                    "over a boot",
                    offer.type));
  std::vector<PciAddress> free;
  std::vector<Finding> reasons;
  for (const PciFunction* function : offer.functions) {
    if (free.size() == request.count) break;
    auto against = reasons_against(host, *function, is_virtual(gpu));
    if (against.empty()) free.push_back(function->address);
    std::ranges::move(against, std::back_inserter(reasons));
  }
  if (free.size() < request.count && free.empty() && !reasons.empty()) refuse(kSliceVerb, name, reasons);
  if (free.size() < request.count)
    refuse(kSliceVerb, name,
           fmt::format("saw {} free virtual functions that can have type {}, expected {}", free.size(),
                       offer.type, request.count),
           "gpupass slices tells how many can be made");
  Plan plan;
  assume_functions(plan, host, free);
  const unsigned type = parse_number<unsigned>(offer.type).value_or(0);
  for (const PciAddress function : free) add_vgpu_step(plan, function, type, 0);
  plan.notes.push_back(
      "the next boot forgets vGPUs; a guest gets one as its virtual function, unmanaged, and "
      "NVIDIA's driver keeps that");
  if (free.size() > 1)
    plan.notes.push_back("each vGPU takes memory of the others: if there is no room for all, none is made");
  return plan;
}

/// Only siblings that could still have the type tell its name.
bool carries_vgpu_called(const Host& host, const PciFunction& function, const std::string& asked) {
  const std::string id = fmt::to_string(*function.vgpu_type);
  if (asked == id) return true;
  for (const PciFunction& each : host.functions) {
    if (each.physical_function != function.physical_function || !each.slicing) continue;
    for (const VgpuType& type : each.slicing->creatable_vgpus.value_or({}))
      if (type.id == *function.vgpu_type && is_called(id, type.name, asked)) return true;
  }
  return false;
}

void destroy_vgpu(Plan& plan, const Host& host, const PciFunction& function) {
  const std::string name = function.address.to_string();
  if (function.vgpu_type.unknown())
    refuse(kSliceVerb, name, fmt::format("its vGPU type is not known: {}", function.vgpu_type.why()),
           kRunAsRoot);
  if (!function.vgpu_type)
    refuse(kSliceVerb, name, "it carries no vGPU",
           is_virtual(function)
               ? fmt::format("gpupass slice destroy {} takes all virtual functions of that GPU away",
                             function.physical_function->to_string())
               : "name the GPU alone to take its virtual functions away");
  if (*function.vgpu_type == 0) return;
  expect_unwanted(host, function.address);
  assume_functions(plan, host, {function.address});
  add_vgpu_step(plan, function.address, 0, *function.vgpu_type);
}

}  // namespace gpupass
