// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/validate/match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "values/card.hpp"
#include "values/model.hpp"

namespace gpupass {

namespace {

using Outcome = MatchedGpu::Outcome;
using Functions = std::vector<const PciFunction*>;

/// nullopt: the guest does not tell.
std::optional<GuestPlace> place_in(const Host& guest, const PciFunction& function) {
  const std::vector<const PciFunction*> above = path_to_root(guest, function);
  const PciFunction& top = above.empty() ? function : *above.back();
  if (!top.parent.absent() || !function.root_bus || !function.root_bus->starts_with("pci"))
    return std::nullopt;
  const auto root = PciAddress::parse(function.root_bus->substr(3) + ":00.0");
  if (!root || root->domain != 0) return std::nullopt;
  GuestPlace place{.root_bus = root->bus, .way = {}};
  for (const PciFunction* bridge : above)
    place.way.insert(place.way.begin(), BusSlot{bridge->address.device, bridge->address.function});
  place.way.push_back({function.address.device, function.address.function});
  return place;
}

bool same_model(const PciFunction& one, const PciFunction& other) {
  return one.vendor && one.device && one.vendor == other.vendor && one.device == other.device;
}

/// Matches first by place, and then what is left by ids.
class Matching {
 public:
  Matching(const Host& guest, std::vector<MatchedGpu> gpus) : guest_(guest), gpus_(std::move(gpus)) {}

  std::vector<MatchedGpu> match() {
    for (const PciFunction& function : guest_.functions)
      if (const auto place = place_in(guest_, function)) places_.emplace(*place, &function);
    for (MatchedGpu& gpu : gpus_)
      if (gpu.on_host && gpu.promised.place) match_by_place(gpu);
    const std::vector<MatchedGpu> placed = gpus_;
    for (MatchedGpu& gpu : gpus_)
      if (gpu.on_host && gpu.outcome == Outcome::Unclear) match_by_ids(gpu, placed);
    return std::move(gpus_);
  }

 private:
  void match_by_place(MatchedGpu& gpu) {
    const auto found = places_.find(*gpu.promised.place);
    if (found == places_.end()) return;
    const PciFunction& function = *found->second;
    if (!function.vendor || !function.device || !gpu.on_host->vendor || !gpu.on_host->device) {
      gpu.why = fmt::format("the ids of {} are unknown", function.address.to_string());
      return;
    }
    taken_.insert(&function);
    if (same_model(function, *gpu.on_host)) {
      gpu.outcome = Outcome::Found;
      gpu.in_guest = &function;
    } else {
      gpu.outcome = Outcome::Other;
      gpu.why = fmt::format("{} is there, a {}, expected a {}", function.address.to_string(),
                            ids_of(function), ids_of(*gpu.on_host));
    }
  }

  void match_by_ids(MatchedGpu& gpu, const std::vector<MatchedGpu>& placed) const {
    if (!gpu.why.empty()) return;
    if (!gpu.on_host->vendor || !gpu.on_host->device) {
      gpu.why = "its ids are unknown";
      return;
    }
    const auto alike = static_cast<std::size_t>(std::ranges::count_if(placed, [&](const MatchedGpu& one) {
      return one.on_host && one.outcome == Outcome::Unclear && same_model(*one.on_host, *gpu.on_host);
    }));
    Functions left;
    for (const PciFunction& function : guest_.functions)
      if (!taken_.contains(&function) && same_model(function, *gpu.on_host)) left.push_back(&function);
    if (left.empty()) {
      gpu.outcome = Outcome::Missing;
      gpu.why = fmt::format("no {} is left", ids_of(*gpu.on_host));
    } else if (left.size() < alike) {
      gpu.outcome = Outcome::Missing;
      gpu.why = fmt::format("of {} GPUs {} the guest has {}, and does not tell which", alike,
                            ids_of(*gpu.on_host), left.size());
    } else if (alike == 1 && left.size() == 1) {
      gpu.outcome = Outcome::Found;
      gpu.in_guest = left.front();
    } else {
      gpu.why = fmt::format("the guest has {} functions {}, and their places do not tell which it is",
                            left.size(), ids_of(*gpu.on_host));
    }
  }

  const Host& guest_;
  std::vector<MatchedGpu> gpus_;
  std::map<GuestPlace, const PciFunction*> places_;
  std::set<const PciFunction*> taken_;
};

}  // namespace

std::vector<MatchedGpu> promised_gpus(const Host& host, const GuestPromise& promise) {
  std::vector<MatchedGpu> gpus;
  for (const PromisedDevice& promised : promise.devices) {
    const PciFunction* function = find_function(host, promised.device);
    if (function && !is_gpu(*function)) continue;
    MatchedGpu gpu;
    gpu.promised = promised;
    gpu.on_host = function;
    if (!function)
      gpu.why = promised.device.is_mediated() ? "gpupass does not know how guests show mediated devices"
                                              : "this host has no such function";
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

std::vector<MatchedGpu> match_gpus(const Host& host, const GuestPromise& promise, const Host& guest) {
  return Matching(guest, promised_gpus(host, promise)).match();
}

}  // namespace gpupass
