// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/policy.hpp"
#include "policy/slice/labelled_entries.hpp"
#include "policy/slice/mig_cards.hpp"
#include "policy/slice/mig_now.hpp"

namespace gpupass {

namespace {

MigWish wish_of(const MigEntry& entry, const std::string& label, PciAddress gpu) {
  return {.gpu = gpu,
          .enabled = entry.enabled,
          .profiles = names_in(entry.profiles),
          .wanted_by = fmt::format("{} ({})", label, entry.where)};
}

}  // namespace

std::vector<MigWish> mig_wishes(const Host& host, const MigLabels& labels, const std::string& label) {
  std::vector<MigWish> wishes;
  for (const auto& [gpu, entry] : matched_entries(host, labels, label)) {
    const bool for_all = !entry->devices;
    if (!find_mig_card(*gpu) && (for_all || !entry->enabled)) continue;
    wishes.push_back(wish_of(*entry, label, gpu->address));
  }
  return wishes;
}

MigLabels mig_labels(const Host& host) {
  std::vector<MigEntry> entries;
  const std::vector<const PciFunction*> gpus = nvidia_gpus(host);
  for (std::size_t index = 0; index < gpus.size(); ++index) {
    const PciFunction& gpu = *gpus[index];
    if (!find_mig_card(gpu) || !gpu.mig) continue;
    entries.push_back({.devices = {{static_cast<unsigned>(index)}},
                       .enabled = gpu.mig->enabled,
                       .profiles = profiles_now(host, gpu.address)});
  }
  return {{"current", std::move(entries)}};
}

}  // namespace gpupass
