// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/taken.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "policy/place/memory.hpp"

namespace gpupass {

namespace {

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

FreeResources only(const FreeResources& resources, std::size_t node) {
  FreeResources part;
  part.nodes = {resources.nodes[node]};
  part.node_distances = {{resources.node_distances[node][node]}};
  std::vector<std::size_t> gpus;
  for (std::size_t gpu = 0; gpu < resources.gpus.size(); ++gpu)
    if (resources.gpus[gpu].node == node) gpus.push_back(gpu);
  for (const std::size_t gpu : gpus) {
    part.gpus.push_back(resources.gpus[gpu]);
    part.gpus.back().node = 0;
    auto& row = part.distances.emplace_back();
    for (const std::size_t other : gpus) row.push_back(resources.distances[gpu][other]);
  }
  return part;
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

}  // namespace gpupass
