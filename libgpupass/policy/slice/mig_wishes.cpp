// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "gpupass/policy.hpp"
#include "policy/refuse.hpp"
#include "policy/slice/mig_cards.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr auto kMatch = "match GPUs with";

template <typename T>
T known(const Fact<T>& fact, const PciFunction& gpu, const char* what) {
  if (fact) return *fact;
  refuse(kMatch, "the entries",
         fmt::format("{} of {} is not known: {}", what, gpu.address.to_string(), why_unknown(fact)),
         kRunAsRoot);
}

/// In the order by which mig-parted counts them.
std::vector<const PciFunction*> nvidia_gpus(const Host& host) {
  std::vector<const PciFunction*> gpus;
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && !is_virtual(function) &&
        known(function.vendor, function, "the vendor") == kNvidia)
      gpus.push_back(&function);
  return gpus;
}

bool matches(const MigDeviceFilter& filter, const PciFunction& gpu) {
  if (filter.vendor != kNvidia || filter.device != known(gpu.device, gpu, "the device id")) return false;
  if (!filter.subsystem_vendor) return true;
  return filter.subsystem_vendor == known(gpu.subsystem_vendor, gpu, "the subsystem's vendor") &&
         filter.subsystem_device == known(gpu.subsystem_device, gpu, "the subsystem's id");
}

bool matches(const MigEntry& entry, const PciFunction& gpu, std::size_t index) {
  if (entry.devices && std::ranges::find(*entry.devices, index) == entry.devices->end()) return false;
  const auto fits = [&](const MigDeviceFilter& filter) { return matches(filter, gpu); };
  return entry.filters.empty() || std::ranges::any_of(entry.filters, fits);
}

const std::vector<MigEntry>& entries_of(const MigLabels& labels, const std::string& label) {
  const auto found = labels.find(label);
  if (found != labels.end()) return found->second;
  std::vector<std::string> names;
  std::ranges::transform(labels, std::back_inserter(names), [](const auto& one) { return one.first; });
  throw Error(
      ErrorCode::NotFound, label, fmt::format("cannot find label {}: saw no such label in the file", label),
      names.empty() ? "the file has no labels" : fmt::format("the file has:\n{}", fmt::join(names, "\n")));
}

MigWish wish_of(const MigEntry& entry, const std::string& label, PciAddress gpu) {
  MigWish wish{.gpu = gpu, .enabled = entry.enabled, .profiles = {}};
  for (const auto& [name, count] : entry.profiles) wish.profiles.insert(wish.profiles.end(), count, name);
  wish.wanted_by = fmt::format("{} ({})", label, entry.where);
  return wish;
}

}  // namespace

std::vector<MigWish> mig_wishes(const Host& host, const MigLabels& labels, const std::string& label) {
  const std::vector<MigEntry>& entries = entries_of(labels, label);
  const std::vector<const PciFunction*> gpus = nvidia_gpus(host);
  std::vector<MigWish> wishes;
  for (std::size_t index = 0; index < gpus.size(); ++index) {
    const PciFunction& gpu = *gpus[index];
    const MigEntry* last = nullptr;
    for (const MigEntry& entry : entries)
      if (matches(entry, gpu, index)) last = &entry;
    if (!last) continue;
    const bool for_all = !last->devices;
    if (!find_mig_card(gpu) && (for_all || !last->enabled)) continue;
    wishes.push_back(wish_of(*last, label, gpu.address));
  }
  return wishes;
}

}  // namespace gpupass
