// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/packing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "policy/place/placement_of.hpp"

namespace gpupass {

namespace {

std::string kind_of(const Problem& problem) {
  std::string text = fmt::format("{} {} {} {} {}", problem.gpus, static_cast<int>(problem.numa),
                                 problem.guest_needs.vcpus, problem.guest_needs.memory.bytes,
                                 problem.guest_needs.memory.page_size_bytes.value_or(std::uint64_t{1}));
  for (const CellRequest& cell : problem.guest_needs.cells)
    text += fmt::format(" {}:{}:{}", cell.node, cell.vcpus, cell.memory_bytes);
  return text;
}

void take_memory(NumaNode& node, const MemoryShare& share) {
  for (HugePages& pool : node.huge_pages)
    if (pool.page_size_bytes == share.page_size_bytes) {
      pool.free -= std::min(pool.free, share.bytes / share.page_size_bytes);
      return;
    }
  const std::uint64_t used = with_headroom(share.bytes);
  if (node.free_bytes) node.free_bytes = *node.free_bytes - std::min(*node.free_bytes, used);
}

/// A core of which one thread is taken is taken.
void take_cores(FreeNode& node, const CpuSet& cpus) {
  for (Cores& cache : node.caches)
    node.pinned += static_cast<unsigned>(
        std::erase_if(cache, [&](const Core& core) { return core.cpus.intersects(cpus); }));
  std::erase_if(node.caches, [](const Cores& cache) { return cache.empty(); });
}

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

void take(FreeResources& resources, const Placement& placement) {
  for (const Cell& cell : placement.cells) {
    const auto node =
        std::ranges::find_if(resources.nodes, [&](const FreeNode& at) { return at.node.id == cell.node; });
    if (node == resources.nodes.end()) continue;
    take_cores(*node, cell.cpus);
    take_memory(node->node, {cell.memory_bytes, cell.page_size_bytes});
  }
  // The kernel gives a group to one guest alone.
  std::set<PciAddress> units;
  for (const FreeDevice& gpu : resources.gpus)
    if (gpu.unit && std::ranges::binary_search(placement.gpus, gpu.address)) units.insert(gpu.unit->first);
  for (std::size_t gpu = resources.gpus.size(); gpu-- > 0;) {
    const FreeDevice& free = resources.gpus[gpu];
    const bool taken = std::ranges::binary_search(placement.gpus, free.address);
    if (!taken && !(free.unit && units.contains(free.unit->first))) continue;
    if (!taken) resources.mates_of_taken.push_back(free.address);
    const auto at = static_cast<std::ptrdiff_t>(gpu);
    resources.gpus.erase(resources.gpus.begin() + at);
    resources.distances.erase(resources.distances.begin() + at);
    for (auto& row : resources.distances) row.erase(row.begin() + at);
  }
}

void take(FreeResources& resources, const Solution& solution) {
  take(resources, placement_of(resources, solution));
}

std::string shape_of(const FreeResources& resources) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (const FreeNode& node : resources.nodes) {
    fmt::format_to(out, "N{} {} {}", node.node.id, node.packages.to_string(),
                   node.node.free_bytes.value_or(1));
    for (const HugePages& pool : node.node.huge_pages)
      fmt::format_to(out, " {}x{}", pool.free, pool.page_size_bytes);
    for (const Cores& cache : node.caches) {
      fmt::format_to(out, " L");
      for (const Core& core : cache) fmt::format_to(out, "{}", core.cpus.size());
    }
  }
  for (const FreeDevice& gpu : resources.gpus)
    fmt::format_to(
        out, " G{} {}{}", gpu.node ? static_cast<int>(*gpu.node) : -1, gpu.penalty,
        gpu.unit ? fmt::format(" {} {} {}", gpu.unit->first.to_string(), gpu.unit->gpus, gpu.unit->whole)
                 : std::string());
  fmt::format_to(out, " {} {}", resources.distances, resources.node_distances);
  return text;
}

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

Demand demand_of(const std::vector<Problem>& problems) {
  std::map<std::string, std::size_t> places;
  Demand demand;
  for (const Problem& problem : problems) {
    const auto [place, fresh] = places.emplace(kind_of(problem), demand.size());
    if (fresh)
      demand.emplace_back(problem, 1);
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

Fleet::Fleet(std::vector<FreeResources> all_resources, Demand demand)
    : all_resources_(std::move(all_resources)), demand_(std::move(demand)) {
  for (std::size_t host = 0; host < all_resources_.size(); ++host) {
    shapes_.push_back(shape_of(all_resources_[host]));
    hosts_[shapes_[host]].insert(host);
  }
}

std::vector<std::size_t> Fleet::representatives() const {
  std::vector<std::size_t> hosts;
  for (const auto& [shape, members] : hosts_) hosts.push_back(*members.begin());
  std::ranges::sort(hosts);
  return hosts;
}

std::optional<double> Fleet::stranding(std::size_t host, const Problem& problem) {
  const auto key = std::pair(shapes_[host], kind_of(problem));
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  std::optional<double> more;
  if (const auto solution = solve(all_resources_[host], problem).best) {
    FreeResources after = all_resources_[host];
    gpupass::take(after, *solution);
    more = stranded_gpus(after, demand_) - stranded_gpus(all_resources_[host], demand_);
  }
  return known_.emplace(key, more).first->second;
}

void Fleet::take(std::size_t host, const Solution& solution) {
  auto& members = hosts_[shapes_[host]];
  members.erase(host);
  if (members.empty()) hosts_.erase(shapes_[host]);
  gpupass::take(all_resources_[host], solution);
  shapes_[host] = shape_of(all_resources_[host]);
  hosts_[shapes_[host]].insert(host);
}

}  // namespace gpupass
