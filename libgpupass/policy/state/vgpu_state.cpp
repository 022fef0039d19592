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

}  // namespace

State vgpu_state(const Host& host, const VgpuLabels& labels, const std::string& label) {
  State state = state_of(host);
  for (const auto& [gpu, entry] : matched_entries(host, labels, label)) {
    const auto declared = std::ranges::find(state.gpus, gpu->address.to_string(), &DeclaredGpu::key);
    if (declared != state.gpus.end()) declared->slices = slices_of(*entry, label);
  }
  return state;
}

}  // namespace gpupass
