// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/slice_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "policy/asked.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/users.hpp"
#include "values/card.hpp"
#include "values/sort_unique.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

const PciFunction& expect_typed(const Host& host, PciAddress address) {
  const std::string name = address.to_string();
  expect_asked(host, parts_for_slices(), kSliceVerb, name);
  const PciFunction& gpu = function_at(host, address);
  if (const auto finding = wedged_finding(host, address)) refuse(kSliceVerb, name, {*finding});
  if (!gpu.slicing)
    refuse(kSliceVerb, name, fmt::format("its ways to be cut are not known: {}", why_unknown(gpu.slicing)));
  return gpu;
}

}  // namespace

void assume(Plan& plan, Assumption::Kind kind, std::string subject, std::string expected) {
  Assumption assumption{kind, std::move(subject), std::move(expected)};
  if (std::ranges::find(plan.assumes, assumption) == plan.assumes.end())
    plan.assumes.push_back(std::move(assumption));
}

void assume_functions(Plan& plan, const Host& host, std::vector<PciAddress> functions) {
  sort_unique(functions);
  std::ranges::move(assumptions_of(host, functions), std::back_inserter(plan.assumes));
}

void expect_unwanted(const Host& host, DeviceId slice) {
  std::vector<Finding> reasons = users_of_slice(host, slice);
  std::ranges::move(wishes_for_slice(host, slice), std::back_inserter(reasons));
  if (!reasons.empty()) refuse(kSliceVerb, slice.to_string(), reasons);
}

Plan plan_slice_create(const Host& host, PciAddress address, const SliceRequest& request) {
  const PciFunction& gpu = expect_typed(host, address);
  const std::optional<DeviceId> named = named_device(request);
  if (gpu.vgpu_type.value_or(0) != 0) {
    if (request.count == 1 && carries_vgpu_called(host, gpu, request.type)) return {};
    refuse(kSliceVerb, address.to_string(), fmt::format("it carries a vGPU of type {}", *gpu.vgpu_type),
           "gpupass slice destroy " + address.to_string());
  }
  const bool again = named && is_taken(host, *named);
  if (request.at_boot) expect_keeper(host, address.to_string(), ", or leave --persist out");
  if (again) return plan_mediated_again(host, gpu, request, *named);
  const Offer offer = offer_called(host, gpu, request.type);
  if (offer.kind == SliceKind::Vgpu) return plan_vgpus(host, gpu, offer, request);
  return plan_mediated(host, gpu, offer, request, named);
}

/// Such a name is none of a slice.
std::optional<PciAddress> only_physical_gpu(const Host& host, const std::vector<DeviceId>& devices) {
  if (devices.size() != 1 || devices.front().is_mediated()) return std::nullopt;
  const PciAddress address = *devices.front().function();
  const PciFunction* function = find_function(host, address);
  return function && !is_virtual(*function) ? std::optional(address) : std::nullopt;
}

Plan plan_slice_destroy(const Host& host, const std::vector<DeviceId>& slices) {
  std::vector<DeviceId> devices = slices;
  sort_unique(devices);
  expect_asked(host, parts_for_slices(), kSliceVerb, addresses_text(devices));
  if (const auto gpu = only_physical_gpu(host, devices)) return plan_slice_destroy(host, *gpu);
  Plan plan;
  for (const DeviceId device : devices) {
    if (device.is_mediated()) {
      destroy_mediated(plan, host, device);
      continue;
    }
    destroy_vgpu(plan, host, expect_typed(host, *device.function()));
  }
  return plan;
}

}  // namespace gpupass
