// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "policy/guests_of.hpp"
#include "policy/slice/mediated.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// Who has a slice, by the definitions of guests.
void find_guests(const Host& host, Slice& slice) {
  GuestsOf guests = guests_of(host, slice.device);
  slice.domain = std::move(guests.running);
  slice.wanted_by = std::move(guests.wanted_by);
}

bool holds(const Host& host, const PciFunction& function) {
  const auto holds_group = [&](const Holder& holder) {
    return function.iommu_group && holder.iommu_group == *function.iommu_group;
  };
  if (host.holders && std::ranges::any_of(*host.holders, holds_group)) return true;
  return host.users &&
         std::ranges::find(*host.users, function.address, &DeviceUser::device) != host.users->end();
}

Answer in_use(const Host& host, const PciFunction& function, const Slice& slice) {
  if (!slice.domain.empty() || holds(host, function)) return Answer::Yes;
  const bool guests_known = host.domains || host.domains.absent();
  const bool holders_known = host.holders || host.holders.absent();
  const bool users_known = host.users || function.driver.absent();
  const bool has_node = on_vfio(function) || function.vgpu_type.value_or(0) != 0;
  const bool open_known = has_node ? holders_known : users_known;
  return guests_known && open_known ? Answer::No : Answer::Unknown;
}

/// A guest may have a mediated device past libvirt. The group of one that has gone is none of a PCI function.
Answer in_use(const Host& host, const Slice& slice) {
  const std::string uuid = slice.device.to_string();
  const auto holds = [&](const Holder& holder) { return holder.mediated == uuid; };
  if (!slice.domain.empty()) return Answer::Yes;
  if (host.holders && std::ranges::any_of(*host.holders, holds)) return Answer::Yes;
  if ((!host.domains && !host.domains.absent()) || !host.holders) return Answer::Unknown;
  const auto is_of_function = [&](const Holder& holder) {
    return !holder.mediated.empty() || std::ranges::any_of(host.functions, [&](const PciFunction& function) {
      return function.iommu_group && *function.iommu_group == holder.iommu_group;
    });
  };
  return std::ranges::all_of(*host.holders, is_of_function) ? Answer::No : Answer::Unknown;
}

Slice slice_of(const Host& host, const PciFunction& function, SliceKind kind) {
  Slice slice;
  slice.kind = kind;
  slice.device = function.address;
  slice.parent = function.physical_function.value_or(function.address);
  slice.driver = function.driver;
  slice.iommu_group = function.iommu_group;
  find_guests(host, slice);
  slice.in_use = in_use(host, function, slice);
  return slice;
}

void add_mediated(const Host& host, const PciFunction& function, std::vector<Slice>& slices) {
  if (!function.slicing || !function.slicing->mediated_types) return;
  for (const MediatedType& type : *function.slicing->mediated_types)
    for (const std::string& uuid : type.devices.value_or({})) {
      const auto device = DeviceId::parse(uuid);
      if (!device) continue;
      Slice slice;
      slice.kind = SliceKind::Mediated;
      slice.device = *device;
      slice.parent = function.address;
      slice.type = type.type;
      slice.driver = Absent{};
      slice.iommu_group = Absent{};
      slice.state = Absent{};
      find_guests(host, slice);
      slice.in_use = in_use(host, slice);
      slice.at_boot = host.mediated_definitions.without_value<bool>();
      if (host.mediated_definitions || host.mediated_definitions.absent()) {
        const MediatedDefinition* kept = find_mediated_definition(host, uuid);
        slice.at_boot = kept && kept->at_boot;
      }
      slices.push_back(std::move(slice));
    }
}

}  // namespace

std::vector<const PciFunction*> sliced_functions(const Host& host, const PciFunction& gpu) {
  std::vector<const PciFunction*> functions = {&gpu};
  for (const PciAddress address : gpu.virtual_functions.value_or({}))
    if (const PciFunction* function = find_function(host, address)) functions.push_back(function);
  return functions;
}

std::vector<Slice> slices_of(const Host& host, const std::vector<const PciFunction*>& functions,
                             const std::vector<Assessment>& assessments) {
  std::vector<Slice> slices;
  for (const PciFunction* function : functions) {
    add_mediated(host, *function, slices);
    if (!is_virtual(*function)) continue;
    Slice slice = slice_of(host, *function, SliceKind::VirtualFunction);
    const auto assessment = std::ranges::find(assessments, DeviceId(function->address), &Assessment::device);
    if (assessment != assessments.end()) slice.state = assessment->state;
    slices.push_back(std::move(slice));
    if (function->vgpu_type.value_or(0) == 0) continue;
    slices.push_back(slice_of(host, *function, SliceKind::Vgpu));
    slices.back().type = fmt::to_string(*function->vgpu_type);
    slices.back().state = slices[slices.size() - 2].state;
  }
  std::ranges::sort(slices, {}, [](const Slice& slice) { return std::pair(slice.kind, slice.device); });
  return slices;
}

}  // namespace gpupass
