// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/solve.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "policy/place/gpu_sets.hpp"

namespace gpupass {

namespace {

// Ways to split a guest over nodes. Real machines have far fewer; it limits the work for an invented one.
constexpr std::size_t kMostTries = std::size_t{1} << 17;

/// The nodes that must be used, and those that may be beside them.
struct NodeChoice {
  std::vector<UsedNode> needed;
  std::vector<std::size_t> optional;
  friend auto operator<=>(const NodeChoice&, const NodeChoice&) = default;
};

class Solver {
 public:
  Solver(const FreeResources& resources, const Problem& problem, Misfits* misfits)
      : resources_(resources), problem_(problem), misfits_(misfits) {
    for (std::size_t one = 0; one < resources.gpus.size(); ++one) {
      const auto& row = resources.distances[one];
      const auto end = row.begin() + static_cast<std::ptrdiff_t>(resources.gpus.size());
      sums_.push_back(std::accumulate(row.begin(), end, std::uint64_t{0}));
      total_ += sums_.back();
    }
    total_ /= 2;
  }

  std::optional<Solution> best();

 private:
  std::optional<NodeChoice> node_choice_of(const GpuSet& set) const;
  bool in_one_package(const std::vector<UsedNode>& used_nodes) const;
  bool may_spill_to(std::size_t node, const std::vector<UsedNode>& needed) const;
  std::vector<std::size_t> optional_nodes(const std::vector<UsedNode>& needed) const;
  const std::optional<Split>& split_on(const NodeChoice& node_choice);
  std::optional<Split> compute(const NodeChoice& node_choice);
  std::uint64_t left_apart(const std::vector<std::size_t>& gpus) const;

  const FreeResources& resources_;
  const Problem& problem_;
  Misfits* misfits_;
  std::vector<std::uint64_t> sums_;  // Of the distances from each GPU to all others.
  std::uint64_t total_ = 0;          // Of those between each two.
  std::size_t tries_ = 0;
  std::map<NodeChoice, std::optional<Split>> splits_;  // Many sets of GPUs have the same choice of nodes.
};

bool Solver::may_spill_to(std::size_t node, const std::vector<UsedNode>& needed) const {
  if (!problem_.guest_needs.cells.empty())
    return std::ranges::find(problem_.guest_needs.cells, resources_.nodes[node].node.id,
                             &CellRequest::node) != problem_.guest_needs.cells.end();
  switch (problem_.numa) {
    case NumaPolicy::Required:
      return false;
    case NumaPolicy::Socket:
      return std::ranges::all_of(needed, [&](const UsedNode& used_node) {
        return resources_.nodes[used_node.node].packages.intersects(resources_.nodes[node].packages);
      });
    case NumaPolicy::Preferred:
      return true;
  }
  return false;
}

bool Solver::in_one_package(const std::vector<UsedNode>& used_nodes) const {
  if (used_nodes.size() < 2) return true;
  CpuSet common = resources_.nodes[used_nodes.front().node].packages;
  for (const UsedNode& used_node : used_nodes) common &= resources_.nodes[used_node.node].packages;
  return !common.empty();
}

std::vector<std::size_t> Solver::optional_nodes(const std::vector<UsedNode>& needed) const {
  std::vector<std::size_t> nodes;
  for (std::size_t node = 0; node < resources_.nodes.size(); ++node)
    if (std::ranges::find(needed, node, &UsedNode::node) == needed.end() && may_spill_to(node, needed))
      nodes.push_back(node);
  return nodes;
}

/// @returns nullopt where a device is on no known node, and the policy minds.
std::optional<NodeChoice> Solver::node_choice_of(const GpuSet& set) const {
  std::map<std::size_t, unsigned> counts;
  bool known = true;
  for (const std::size_t gpu : set.gpus)
    if (const auto node = resources_.gpus[gpu].node)
      ++counts[*node];
    else
      known = false;
  for (const FreeDevice& device : resources_.devices)
    if (device.node)
      counts.try_emplace(*device.node, 0);
    else
      known = false;
  if (!known && problem_.numa != NumaPolicy::Preferred) return std::nullopt;
  NodeChoice node_choice;
  for (const auto& [node, gpus] : counts) node_choice.needed.push_back({node, gpus});
  if (problem_.numa == NumaPolicy::Socket && !in_one_package(node_choice.needed)) return std::nullopt;
  node_choice.optional = optional_nodes(node_choice.needed);
  return node_choice;
}

/// All nodes that the guest may use there.
std::vector<UsedNode> all_of(const NodeChoice& node_choice) {
  std::vector<UsedNode> used_nodes = node_choice.needed;
  for (const std::size_t node : node_choice.optional) used_nodes.push_back({node, 0});
  std::ranges::sort(used_nodes);
  return used_nodes;
}

/// Uses as few nodes as possible beside the needed ones, because the guest has to cross each of them.
std::optional<Split> Solver::compute(const NodeChoice& node_choice) {
  std::size_t threads = 0;
  for (const UsedNode& used_node : all_of(node_choice))
    threads += threads_of(resources_.nodes[used_node.node], kAnyKind);
  if (threads < problem_.guest_needs.vcpus) return std::nullopt;
  const std::size_t all = node_choice.optional.size();
  // With a split of the user's own, all of its nodes.
  std::size_t extra = problem_.guest_needs.cells.empty() ? 0 : all;
  std::optional<Split> best;
  for (; extra <= all && !best; ++extra) {
    std::vector<bool> chosen(all, false);
    std::fill(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(extra), true);
    do {
      std::vector<UsedNode> used_nodes = node_choice.needed;
      for (std::size_t at = 0; at < all; ++at)
        if (chosen[at]) used_nodes.push_back({node_choice.optional[at], 0});
      std::ranges::sort(used_nodes);
      if (used_nodes.empty()) continue;
      auto split = split_over(resources_, used_nodes, problem_.guest_needs);
      if (split && (!best || split->cost < best->cost)) best = std::move(split);
    } while (++tries_ < kMostTries && std::prev_permutation(chosen.begin(), chosen.end()));
    if (tries_ >= kMostTries) break;
  }
  return best;
}

const std::optional<Split>& Solver::split_on(const NodeChoice& node_choice) {
  const auto known = splits_.find(node_choice);
  if (known != splits_.end()) return known->second;
  auto split = compute(node_choice);
  if (!split && misfits_) misfits_->push_back(all_of(node_choice));
  return splits_.emplace(node_choice, std::move(split)).first->second;
}

/// The distances between the GPUs that remain; those between two of the taken GPUs were subtracted twice.
std::uint64_t Solver::left_apart(const std::vector<std::size_t>& gpus) const {
  std::uint64_t ended = 0, between = 0;
  for (const std::size_t gpu : gpus) {
    ended += sums_[gpu];
    for (const std::size_t other : gpus) between += resources_.distances[gpu][other];
  }
  return total_ + between / 2 - ended;
}

std::optional<Solution> Solver::best() {
  std::optional<Solution> best;
  for (const GpuSet& set : gpu_sets(resources_, problem_.gpus)) {
    // They come in the order of these; the first that fits decides on them.
    if (best && std::tie(set.penalty, set.nodes, set.distance) >
                    std::tie(best->cost.penalty, best->cost.gpu_nodes, best->cost.gpu_distance))
      break;
    const auto node_choice = node_choice_of(set);
    if (!node_choice) continue;
    const std::optional<Split>& split = split_on(*node_choice);
    if (!split) continue;
    const Cost cost{set.penalty, set.nodes, set.distance, split->cost, left_apart(set.gpus)};
    if (!best || cost < best->cost) best = Solution{set.gpus, *split, cost};
  }
  return best;
}

}  // namespace

bool operator<(const Cost& one, const Cost& other) {
  const auto order = [](const Cost& cost) {
    const SplitCost& split = cost.split;
    return std::tuple(cost.penalty, cost.gpu_nodes, cost.gpu_distance, split.away, split.nodes, split.spill,
                      split.kind, split.cores.caches, split.cores.partial, cost.gpus_left_apart,
                      split.cores.left);
  };
  return order(one) < order(other);
}

std::optional<Solution> solve(const FreeResources& resources, const Problem& problem, Misfits* misfits) {
  return Solver(resources, problem, misfits).best();
}

}  // namespace gpupass
