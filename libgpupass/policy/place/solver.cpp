// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/solver.hpp"

#include <algorithm>
#include <tuple>

#include "policy/place/search.hpp"

namespace gpupass {

bool operator<(const Cost& one, const Cost& other) {
  const auto order = [](const Cost& cost) {
    const SplitCost& split = cost.split;
    return std::tuple(cost.gpus, split.away, split.nodes, split.spill, split.kind, split.cores.caches,
                      split.cores.partial, cost.gpus_left_apart, split.cores.left);
  };
  return order(one) < order(other);
}

void Solver::prepare(std::size_t gpus) {
  if (gpus <= most_) return;
  Work work(steps_);
  most_ = most_ == 0 ? gpus : std::max(gpus, resources_.gpus.size());
  blocks_ = gpu_blocks(resources_, most_, work);
  bare_ = blocks_;
  for (auto& block : bare_.blocks)
    for (GpuChoice& choice : block) choice.cost = {choice.cost.penalty, 0, 0};
  for (auto& row : bare_.distances) std::ranges::fill(row, 0U);
}

Solved Solver::solve(const Problem& problem) {
  prepare(problem.gpus);
  Work work(steps_);
  return Search(resources_, problem, blocks_, bare_, core_costs_, work).run();
}

Answer Solver::fits(const Problem& problem) {
  prepare(problem.gpus);
  Work work(steps_);
  return Search(resources_, problem, blocks_, bare_, core_costs_, work).fits();
}

std::vector<std::vector<UsedNode>> Solver::node_sets(const Problem& problem, std::size_t most) {
  std::vector<std::vector<UsedNode>> sets;
  const bool all_known = std::ranges::all_of(
      resources_.devices, [](const FreeDevice& device) { return device.node.has_value(); });
  if (problem.gpus > resources_.gpus.size() || (!all_known && problem.numa != NumaPolicy::Preferred))
    return sets;
  prepare(problem.gpus);
  Work work(steps_);
  const auto all_rooms = rooms(resources_, problem.guest_needs.memory);
  for (const Ground& ground : grounds(resources_, problem)) {
    const auto filter = [&](const GpuChoice& choice) { return may_use(problem, ground, choice); };
    const Routes routes(bare_, problem.gpus, filter, std::nullopt, work);
    CheapestFirst cheapest(routes, all_rooms, 0);
    for (auto next = cheapest.next(work); next && sets.size() < most; next = cheapest.next(work)) {
      const SplitNodes nodes = split_nodes(ground, nodes_of(bare_, next->route));
      auto& set = sets.emplace_back(nodes.needed);
      for (const std::size_t node : nodes.optional) set.push_back({node, 0});
      std::ranges::sort(set);
    }
  }
  return sets;
}

Solved solve(const FreeResources& resources, const Problem& problem, std::uint64_t steps) {
  return Solver(resources, steps).solve(problem);
}

}  // namespace gpupass
