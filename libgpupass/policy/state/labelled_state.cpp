// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "policy/slice/labelled_entries.hpp"

namespace gpupass {

namespace {

/// All types of an entry, and no others.
DeclaredSlices slices_of(const VgpuEntry& entry, const std::string& label) {
  DeclaredSlices slices;
  slices.where = fmt::format("{} ({})", entry.where, label);
  slices.types.emplace();
  for (const auto& [type, count] : entry.types)
    slices.types->push_back({.type = type, .count = count, .where = slices.where});
  return slices;
}

/// All instances of a wish, and no others.
DeclaredSlices slices_of(const MigWish& wish) {
  DeclaredSlices slices;
  slices.where = wish.wanted_by;
  slices.mig = {.enabled = wish.enabled, .profiles = {}, .where = wish.wanted_by};
  for (const std::string& profile : wish.profiles) ++slices.mig->profiles[profile];
  return slices;
}

void declare(State& state, PciAddress gpu, const DeclaredSlices& slices) {
  const auto declared = std::ranges::find(state.gpus, gpu.to_string(), &DeclaredGpu::key);
  if (declared != state.gpus.end()) declared->slices = slices;
}

}  // namespace

State vgpu_state(const Host& host, const VgpuLabels& labels, const std::string& label) {
  State state = state_of(host);
  for (const auto& [gpu, entry] : matched_entries(host, labels, label))
    declare(state, gpu->address, slices_of(*entry, label));
  return state;
}

State mig_state(const Host& host, const MigLabels& labels, const std::string& label) {
  State state = state_of(host);
  for (const MigWish& wish : mig_wishes(host, labels, label)) declare(state, wish.gpu, slices_of(wish));
  return state;
}

}  // namespace gpupass
