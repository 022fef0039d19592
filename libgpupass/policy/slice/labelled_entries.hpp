// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/mig.hpp"

/// Which GPUs the entries of NVIDIA's files mean.
namespace gpupass {

/// In the order by which NVIDIA's tools count them. @throws Error Refused where a vendor is not known.
std::vector<const PciFunction*> nvidia_gpus(const Host& host);

/// @throws Error Refused where an id that the filter names is not known.
bool matches(const MigDeviceFilter& filter, const PciFunction& gpu);

/// @throws Error NotFound; its hint lists the labels that there are.
[[noreturn]] void refuse_label(const std::string& label, const std::vector<std::string>& labels);

bool matches_entry(const auto& entry, const PciFunction& gpu, std::size_t index) {
  if (entry.devices && std::ranges::find(*entry.devices, index) == entry.devices->end()) return false;
  const auto fits = [&](const MigDeviceFilter& filter) { return matches(filter, gpu); };
  return entry.filters.empty() || std::ranges::any_of(entry.filters, fits);
}

/// Each GPU that an entry of the label matches, and the last one that does, which decides.
/// @throws Error NotFound for a label that is not there; Refused where nobody can tell what matches.
template <typename Entry>
std::vector<std::pair<const PciFunction*, const Entry*>> matched_entries(
    const Host& host, const std::map<std::string, std::vector<Entry>, std::less<>>& labels,
    const std::string& label) {
  const auto entries = labels.find(label);
  if (entries == labels.end()) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : labels) names.push_back(name);
    refuse_label(label, names);
  }
  std::vector<std::pair<const PciFunction*, const Entry*>> matched;
  const std::vector<const PciFunction*> gpus = nvidia_gpus(host);
  for (std::size_t index = 0; index < gpus.size(); ++index) {
    const Entry* last = nullptr;
    for (const Entry& entry : entries->second)
      if (matches_entry(entry, *gpus[index], index)) last = &entry;
    if (last) matched.emplace_back(gpus[index], last);
  }
  return matched;
}

}  // namespace gpupass
