// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fragments.hpp"

#include <algorithm>

#include "policy/place/placement_of.hpp"
#include "policy/place/taken.hpp"

namespace gpupass {

namespace {

/// One guest of each kind after the other, on so many GPUs, cores and bytes.
std::size_t copies(std::size_t gpus, std::size_t threads, std::uint64_t memory, const Problem& kind) {
  return std::min(
      {gpus / kind.gpus, threads / kind.guest_needs.vcpus,
       static_cast<std::size_t>(memory / std::max<std::uint64_t>(kind.guest_needs.memory.bytes, 1))});
}

std::uint64_t memory_of(const NumaNode& node) {
  std::uint64_t most = node.free_bytes.value_or(UINT64_MAX >> 8);
  for (const HugePages& pool : node.huge_pages) most = std::max(most, pool.free * pool.page_size_bytes);
  return most;
}

}  // namespace

std::size_t usable_gpus(const FreeResources& resources, const Problem& kind) {
  std::vector<std::size_t> gpus(resources.nodes.size());
  for (const FreeDevice& gpu : resources.gpus)
    if (gpu.node) ++gpus[*gpu.node];
  std::size_t usable = 0, rest_gpus = 0, rest_threads = 0;
  std::uint64_t rest_memory = 0;
  for (std::size_t at = 0; at < resources.nodes.size(); ++at) {
    if (gpus[at] == 0) continue;
    const std::size_t threads = threads_of(resources.nodes[at], kAnyKind);
    const std::uint64_t memory = memory_of(resources.nodes[at].node);
    const std::size_t here = copies(gpus[at], threads, memory, kind);
    usable += here * kind.gpus;
    rest_gpus += gpus[at] - here * kind.gpus;
    rest_threads += threads - here * kind.guest_needs.vcpus;
    rest_memory += memory - here * kind.guest_needs.memory.bytes;
  }
  // What does not fit on one node may over several.
  if (kind.gpus > 1) usable += copies(rest_gpus, rest_threads, rest_memory, kind) * kind.gpus;
  return usable;
}

Demand demand_of(const std::vector<Guest>& guests) {
  std::map<std::size_t, std::size_t> places;
  Demand demand;
  for (const Guest& guest : guests) {
    const auto [place, fresh] = places.emplace(guest.kind, demand.size());
    if (fresh)
      demand.emplace_back(guest.problem, 1);
    else
      ++demand[place->second].second;
  }
  return demand;
}

double stranded_gpus(const FreeResources& resources, const Demand& demand) {
  double stranded = 0, weights = 0;
  for (const auto& [kind, count] : demand) {
    const auto weight = static_cast<double>(count * kind.gpus);
    stranded += weight * static_cast<double>(resources.gpus.size() - usable_gpus(resources, kind));
    weights += weight;
  }
  return weights > 0 ? stranded / weights : 0;
}

std::size_t useless_gpus(const FreeResources& resources, const Demand& demand) {
  std::size_t most = 0;
  for (const auto& [kind, count] : demand) most = std::max(most, usable_gpus(resources, kind));
  return resources.gpus.size() - most;
}

Hosts::Hosts(std::vector<FreeResources> all_resources, Demand demand)
    : all_resources_(std::move(all_resources)), demand_(std::move(demand)) {
  for (std::size_t host = 0; host < all_resources_.size(); ++host) {
    shapes_.push_back(shape_of(all_resources_[host]));
    hosts_[shapes_[host]].insert(host);
  }
}

std::vector<std::size_t> Hosts::representatives() const {
  std::vector<std::size_t> hosts;
  for (const auto& [shape, members] : hosts_) hosts.push_back(*members.begin());
  std::ranges::sort(hosts);
  return hosts;
}

std::optional<double> Hosts::stranding(std::size_t host, const Guest& guest) {
  const auto key = std::pair(shapes_[host], guest.kind);
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  std::optional<double> more;
  if (const auto solution = solve(all_resources_[host], guest.problem).best) {
    FreeResources after = all_resources_[host];
    take(after, placement_of(after, *solution));
    more = stranded_gpus(after, demand_) - stranded_gpus(all_resources_[host], demand_);
  }
  return known_.emplace(key, more).first->second;
}

void Hosts::give(std::size_t host, const Guest& guest) {
  auto& members = hosts_[shapes_[host]];
  members.erase(host);
  if (members.empty()) hosts_.erase(shapes_[host]);
  FreeResources& resources = all_resources_[host];
  take(resources, placement_of(resources, *solve(resources, guest.problem).best));
  shapes_[host] = shape_of(resources);
  hosts_[shapes_[host]].insert(host);
}

}  // namespace gpupass
