// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/reasons.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "policy/place/gpu_distance.hpp"

namespace gpupass {

namespace {

using Reasons = std::vector<std::string>;

std::string where(const Host& host, const FreeResources& resources, const FreeDevice& device) {
  std::string name = device.address.to_string();
  if (device.slice && device.slice != device.address)
    name = fmt::format("{}, of which {} is a slice,", name, device.slice->to_string());
  if (!device.node) return fmt::format("the node of {} is not known", name);
  const unsigned id = resources.nodes[*device.node].node.id;
  if (!host.numa_nodes || host.numa_nodes->size() == 1)
    return fmt::format("{} is on node {}, the only one of this host", name, id);
  const PciFunction* function = find_function(host, device.address);
  const Fact<int> own = function ? nearest_numa_node(host, *function) : Fact<int>();
  if (own && *own != static_cast<int>(id))
    return fmt::format("{} is on node {}, which is not for guests, and node {} is the nearest", name, *own,
                       id);
  return fmt::format("{} is on node {}", name, id);
}

/// Of a free choice, how close the GPUs are.
void add_closeness(const FreeResources& resources, const Solution& solution, Reasons& reasons) {
  const auto& gpus = solution.gpus;
  const auto is_slice = [&](std::size_t gpu) { return resources.gpus[gpu].slice.has_value(); };
  if (gpus.size() < 2 || std::ranges::any_of(gpus, is_slice)) return;
  unsigned farthest = 0;
  for (const std::size_t one : gpus)
    for (const std::size_t other : gpus)
      if (one != other) farthest = std::max(farthest, resources.distances[one][other]);
  const std::string count =
      gpus.size() == resources.gpus.size()
          ? fmt::format("all {} GPUs", gpus.size())
          : fmt::format("of {} GPUs, the {} that are closest together", resources.gpus.size(), gpus.size());
  reasons.push_back(fmt::format("{}: {}", count, distance_text(farthest)));
}

std::string cores_reason(const Host& host, const FreeNode& node, const CellChoice& cell) {
  std::size_t free = 0;
  for (const Cores& cache : node.caches) free += cache.size();
  std::string below = "the last-level caches of this host are not known";
  if (!host.cpus->last_level_caches.empty()) {
    const unsigned level = host.cpus->last_level_caches.front().level;
    below = cell.cores.cost.caches == 1
                ? fmt::format("all below one L{} cache", level)
                : fmt::format("below {} L{} caches, because fewer do not have enough free cores",
                              cell.cores.cost.caches, level);
  }
  return fmt::format("{} of {} free cores of node {}, each with all its threads: {}", cell.cores.cores.size(),
                     free, node.node.id, below);
}

/// What of the split is not as the GPUs are.
void add_split(const FreeResources& resources, const Problem& problem, const Solution& solution,
               Reasons& reasons) {
  const auto& cells = solution.split.cells;
  for (const CellChoice& cell : cells) {
    const auto has_gpu = [&](std::size_t gpu) { return resources.gpus[gpu].node == cell.node; };
    const auto device_here = [&](const FreeDevice& device) { return device.node == cell.node; };
    if (std::ranges::any_of(solution.gpus, has_gpu)) continue;
    reasons.push_back(fmt::format(
        "{} vCPUs on node {}, which has {} of this guest's", cell.vcpus, resources.nodes[cell.node].node.id,
        std::ranges::any_of(resources.devices, device_here) ? "a device but no GPU" : "no GPU"));
  }
  if (cells.size() < 2) return;
  std::vector<unsigned> vcpus;
  for (const CellChoice& cell : cells) vcpus.push_back(cell.vcpus);
  const auto without_gpu = [&](const CellChoice& cell) {
    return std::ranges::none_of(solution.gpus,
                                [&](std::size_t gpu) { return resources.gpus[gpu].node == cell.node; });
  };
  const bool all_have = std::ranges::none_of(cells, without_gpu);
  const bool near = solution.split.cost.away < solution.gpus.size() * cells.size();
  reasons.push_back(fmt::format("vCPUs are split {}, {}", fmt::join(vcpus, " and "),
                                !problem.guest_needs.cells.empty() ? "as asked"
                                : near && all_have                 ? "as the GPUs are"
                                : near ? "as the GPUs are, with as few as possible elsewhere"
                                       : "because the GPUs' nodes do not have room for their parts"));
}

void add_uncertainties(const Host& host, Reasons& reasons) {
  if (host.domains.unknown())
    reasons.push_back("the CPUs that other guests are pinned to are not known: " + host.domains.why());
  if (host.offline_cpus.unknown())
    reasons.push_back("the CPUs that are offline are not known: " + host.offline_cpus.why());
  if (host.isolated_cpus.unknown())
    reasons.push_back("the CPUs that the kernel isolates are not known: " + host.isolated_cpus.why());
}

}  // namespace

std::vector<std::string> reasons_for(const Host& host, const FreeResources& resources, const Problem& problem,
                                     const Solution& solution) {
  Reasons reasons;
  for (const std::size_t gpu : solution.gpus) reasons.push_back(where(host, resources, resources.gpus[gpu]));
  for (const FreeDevice& device : resources.devices) reasons.push_back(where(host, resources, device));
  add_closeness(resources, solution, reasons);
  const Split& split = solution.split;
  for (const CellChoice& cell : split.cells)
    reasons.push_back(cores_reason(host, resources.nodes[cell.node], cell));
  if (split.cost.cores.partial != 0 && split.kind != 1)
    reasons.push_back("one thread per guest core, because the vCPUs do not fill all cores alike");
  else if (split.kind == kAnyKind)
    reasons.push_back("one thread per guest core, because the cores are not all of one kind");
  for (const CellChoice& cell : split.cells)
    reasons.push_back(fmt::format("CPUs {} of node {} stay for the host and run the emulator",
                                  resources.nodes[cell.node].host_cpus.to_string(),
                                  resources.nodes[cell.node].node.id));
  for (const CellChoice& cell : split.cells)
    if (const CpuSet& cpus = resources.nodes[cell.node].set_aside; !cpus.empty())
      reasons.push_back(
          fmt::format("the kernel isolates CPUs {} for guests: vCPUs go there first", cpus.to_string()));
  for (const CellChoice& cell : split.cells)
    reasons.push_back(pages_text(resources.nodes[cell.node].node, cell.memory, problem.guest_needs.memory));
  add_split(resources, problem, solution, reasons);
  add_uncertainties(host, reasons);
  return reasons;
}

Gap gap_of(const Solved& solved) {
  const GpusCost &cost = solved.best->cost.gpus, &least = solved.least;
  return {cost.nodes, least.nodes, cost.distance, least.distance};
}

std::string gap_reason(const Gap& gap) {
  std::string text = "not proven to be the best: the search was stopped before it had seen all placements";
  if (gap.gpu_nodes == gap.least_gpu_nodes && gap.gpu_distance == gap.least_gpu_distance)
    return text + "; no other GPUs are closer together, but cores and memory may be";
  return text +
         fmt::format(
             "; its GPUs are on {} nodes, and the sum of their distances is {}; no other has fewer than "
             "{} nodes and less than {}",
             gap.gpu_nodes, gap.gpu_distance, gap.least_gpu_nodes, gap.least_gpu_distance);
}

}  // namespace gpupass
