// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/search.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "policy/place/best_route.hpp"

namespace gpupass {

namespace {

/// Devices go with every set of GPUs.
GpusCost cost_of_devices(const FreeResources& resources) {
  GpusCost cost;
  const std::size_t gpus = resources.gpus.size();
  for (std::size_t one = 0; one < resources.devices.size(); ++one) {
    cost.penalty += resources.devices[one].penalty;
    if (!resources.devices[one].node) ++cost.nodes;  // It may be another one each time.
    for (std::size_t other = 0; other < one; ++other)
      cost.distance += resources.distances[gpus + one][gpus + other];
  }
  return cost;
}

bool has_any(const std::vector<bool>& nodes) {
  return std::ranges::find(nodes, true) != nodes.end();
}

}  // namespace

std::vector<UsedNode> nodes_of(const GpuBlocks& blocks, const Route& route) {
  std::vector<UsedNode> nodes;
  for (std::size_t block = 0; block < route.size(); ++block)
    for (const UsedNode& used_node : blocks.blocks[block][route[block]].nodes)
      if (used_node.node != kNowhere) nodes.push_back(used_node);
  std::ranges::sort(nodes);
  return nodes;
}

bool may_use(const Problem& problem, const Ground& ground, const GpuChoice& choice) {
  return std::ranges::all_of(choice.nodes, [&](const UsedNode& used_node) {
    return used_node.node == kNowhere ? problem.numa == NumaPolicy::Preferred
                                      : ground.with_gpus[used_node.node];
  });
}

Search::Search(const FreeResources& resources, const Problem& problem, const GpuBlocks& blocks,
               const GpuBlocks& bare, CoreCosts& core_costs, Work& work)
    : resources_(resources),
      problem_(problem),
      blocks_(blocks),
      bare_(bare),
      core_costs_(core_costs),
      work_(work),
      rooms_(rooms(resources, problem.guest_needs.memory)),
      of_devices_(cost_of_devices(resources)),
      complete_(blocks.complete),
      bounded_(blocks.complete) {
  for (std::size_t one = 0; one < resources.gpus.size(); ++one) {
    all_on_nodes_ = all_on_nodes_ && resources.gpus[one].node;
    for (std::size_t other = 0; other < one; ++other) apart_ += resources.distances[one][other];
  }
}

Solved Search::run() {
  const std::vector<Ground> roomy = roomy_grounds();
  if (roomy.empty()) return {{}, true, least_of_any()};  // Sums need no search.
  for (const Ground& ground : roomy)
    if (const auto any = any_route(ground))
      // Penalty and nodes outweigh the distances, so no better placement has more of them.
      if (!search(ground, any->cost)) search(ground, std::nullopt);
  const bool bounded = bounded_ && least_;
  return {std::move(best_), complete_ && !work_.ended(), bounded ? *least_ : least_of_any()};
}

Answer Search::fits() {
  bool doubtful = false;
  const std::vector<Ground> roomy = roomy_grounds();
  if (roomy.empty()) return Answer::No;
  for (const Ground& ground : roomy) {
    const auto any = any_route(ground);
    if (!any) continue;
    const SplitNodes nodes = split_nodes(ground, nodes_of(bare_, any->route));
    if (split_over(resources_, nodes, problem_.guest_needs, core_costs_, work_)) return Answer::Yes;
    doubtful = true;
  }
  const Solved solved = doubtful ? run() : Solved{{}, complete_ && !work_.ended(), {}};
  return solved.best ? Answer::Yes : solved.proven ? Answer::No : Answer::Unknown;
}

/// Those that are not too small in sum.
std::vector<Ground> Search::roomy_grounds() const {
  std::vector<Ground> roomy;
  const bool all_known = of_devices_.nodes == 0 || problem_.numa == NumaPolicy::Preferred;
  if (problem_.gpus > resources_.gpus.size() || !all_known) return roomy;
  for (const Ground& ground : grounds(resources_, problem_)) {
    Ground with = with_room(resources_, problem_, ground, rooms_);
    if (!too_small(resources_, problem_, with, rooms_)) roomy.push_back(std::move(with));
  }
  return roomy;
}

/// What the GPUs' nodes must have together: nothing where nodes beside them may have it.
Room Search::needed_on(const Ground& ground) const {
  const Room needed = needed_room(problem_.guest_needs);
  if (!problem_.guest_needs.cells.empty()) return {0, 0, resources_.nodes.size()};
  return has_any(ground.beside) ? Room{0, 0, needed.cells} : needed;
}

Routes::Filter Search::filter(const Ground& ground) const {
  return [this, &ground](const GpuChoice& choice) { return may_use(problem_, ground, choice); };
}

/// A route with the least penalty and the fewest nodes.
std::optional<FittingRoute> Search::any_route(const Ground& ground) {
  const Routes routes(bare_, problem_.gpus, filter(ground), std::nullopt, work_);
  complete_ = complete_ && routes.complete();
  if (!routes.any()) return std::nullopt;
  auto fitting = cheapest_fitting(routes, rooms_, needed_on(ground), work_);
  bounded_ = bounded_ && (fitting || !work_.ended());
  return fitting;
}

/// A bound that needs no search: each GPU with those that are nearest to it.
GpusCost Search::least_of_any() const {
  std::vector<std::uint64_t> sums;
  for (std::size_t one = 0; one < resources_.gpus.size(); ++one) {
    std::vector<unsigned> others;
    for (std::size_t other = 0; other < resources_.gpus.size(); ++other)
      if (other != one) others.push_back(resources_.distances[one][other]);
    std::ranges::sort(others);
    others.resize(std::min(others.size(), problem_.gpus - 1));
    sums.push_back(std::accumulate(others.begin(), others.end(), std::uint64_t{0}));
  }
  std::ranges::sort(sums);
  sums.resize(std::min(sums.size(), problem_.gpus));
  // Each pair is in two sums.
  const auto twice = std::accumulate(sums.begin(), sums.end(), std::uint64_t{0});
  return GpusCost{0, std::max<std::size_t>(of_devices_.nodes, 1), (twice + 1) / 2 + of_devices_.distance};
}

/// @returns whether the guest fits.
bool Search::search(const Ground& ground, const std::optional<GpusCost>& limit) {
  const Routes routes(blocks_, problem_.gpus, filter(ground), limit, work_);
  complete_ = complete_ && routes.complete();
  bounded_ = bounded_ && routes.complete();
  if (!routes.any()) return false;
  const auto fitting = cheapest_fitting(routes, rooms_, needed_on(ground), work_);
  bounded_ = bounded_ && (fitting || !work_.ended());
  if (!fitting) return false;
  const GpusCost cost = of_devices_ + fitting->cost;
  if (!least_ || cost < *least_) least_ = cost;
  if (best_ && best_->cost.gpus < cost) return true;
  std::optional<SplitCost> split;
  if (all_on_nodes_ && problem_.guest_needs.cells.empty())
    if (const auto route =
            best_route(routes, fitting->cost, resources_, rooms_, problem_.guest_needs, core_costs_, work_))
      split = consider(*route, ground);
  // A node without a GPU of the guest has at least one vCPU, which is away from all of them.
  const bool best_is_elsewhere = has_any(ground.beside) && split && split->away > problem_.gpus;
  const bool tried = !split || best_is_elsewhere || !resources_.devices.empty();
  return (tried && try_all(routes, ground)) || split;
}

/// @returns whether the guest fits on one of them that is no worse than the best so far.
bool Search::try_all(const Routes& routes, const Ground& ground) {
  CheapestFirst all(routes, rooms_, problem_.guest_needs.cells.empty() ? problem_.guest_needs.vcpus : 0);
  bool fits = false;
  while (const auto next = all.next(work_)) {
    if (best_ && std::tuple(of_devices_ + next->cost, next->away) >
                     std::tuple(best_->cost.gpus, best_->cost.split.away))
      return true;
    fits = consider(next->route, ground) || fits;
  }
  return fits;
}

/// Two sets of nodes that look the same cost the same.
Search::Look Search::look_of(const SplitNodes& nodes) const {
  Look look;
  const auto& kinds = core_costs_.kinds_of_nodes();
  for (const UsedNode& used_node : nodes.needed)
    look.emplace_back(true, kinds[used_node.node],
                      used_node.gpus != 0
                          ? used_node.gpus
                          : UINT32_MAX + distance_to_gpu(resources_, used_node.node, nodes.needed));
  for (const std::size_t node : nodes.optional)
    look.emplace_back(false, kinds[node], distance_to_gpu(resources_, node, nodes.needed));
  std::ranges::sort(look);
  return look;
}

Cost Search::cost_of_gpus(const Route& route) const {
  Cost cost{of_devices_, {}, 0};
  auto apart = static_cast<std::int64_t>(apart_);
  for (std::size_t block = 0; block < route.size(); ++block) {
    const GpuChoice& choice = blocks_.blocks[block][route[block]];
    cost.gpus.penalty += choice.cost.penalty;
    cost.gpus.distance += choice.cost.distance;
    apart += choice.cost.left_apart;
    for (const UsedNode& used_node : choice.nodes)
      cost.gpus.nodes += used_node.node == kNowhere ? used_node.gpus : 1;
    for (std::size_t other = 0; other < block; ++other) {
      const std::uint64_t between = choice.gpus.size() * blocks_.blocks[other][route[other]].gpus.size() *
                                    blocks_.distances[block][other];
      cost.gpus.distance += between;
      apart += static_cast<std::int64_t>(between);
    }
  }
  cost.gpus_left_apart = static_cast<std::uint64_t>(apart);
  return cost;
}

/// @returns what the split costs there.
std::optional<SplitCost> Search::consider(const Route& route, const Ground& ground) {
  const SplitNodes nodes = split_nodes(ground, nodes_of(blocks_, route));
  if (nodes.needed.empty() && nodes.optional.empty()) return std::nullopt;
  Cost cost = cost_of_gpus(route);
  const auto split_here = [&] {
    return split_over(resources_, nodes, problem_.guest_needs, core_costs_, work_);
  };
  const auto [known, fresh] = known_.try_emplace(look_of(nodes));
  std::optional<Split> split;
  if (fresh) {
    split = split_here();
    if (split) known->second = split->cost;
  }
  if (!known->second) return std::nullopt;
  cost.split = *known->second;
  if (best_ && !(cost < best_->cost)) return cost.split;
  if (!split) split = split_here();
  if (split) improve(route, cost, *std::move(split));
  return cost.split;
}

void Search::improve(const Route& route, const Cost& cost, Split split) {
  best_ = Solution{{}, std::move(split), cost};
  for (std::size_t block = 0; block < route.size(); ++block) {
    const auto& gpus = blocks_.blocks[block][route[block]].gpus;
    best_->gpus.insert(best_->gpus.end(), gpus.begin(), gpus.end());
  }
  std::ranges::sort(best_->gpus);
}

}  // namespace gpupass
