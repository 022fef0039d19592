// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/solve.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "policy/place/gpu_sets.hpp"

namespace gpupass {

namespace {

// Ways to split a guest over nodes. No machine has so many of them that this is many; a made-up one must not
// keep us busy.
constexpr std::size_t kMostTries = std::size_t{1} << 17;

/// The nodes that must be used, and those that may be beside them.
struct Ground {
  std::vector<Site> needed;
  std::vector<std::size_t> optional;
  friend auto operator<=>(const Ground&, const Ground&) = default;
};

class Solver {
 public:
  Solver(const Stock& stock, const Problem& problem, Misfits* misfits)
      : stock_(stock), problem_(problem), misfits_(misfits) {
    for (std::size_t one = 0; one < stock.gpus.size(); ++one) {
      const auto& row = stock.distances[one];
      const auto end = row.begin() + static_cast<std::ptrdiff_t>(stock.gpus.size());
      sums_.push_back(std::accumulate(row.begin(), end, std::uint64_t{0}));
      total_ += sums_.back();
    }
    total_ /= 2;
  }

  std::optional<Solution> best();

 private:
  std::optional<Ground> ground_of(const GpuSet& set) const;
  bool in_one_package(const std::vector<Site>& sites) const;
  bool may_spill_to(std::size_t node, const std::vector<Site>& needed) const;
  std::vector<std::size_t> optional_nodes(const std::vector<Site>& needed) const;
  const std::optional<Split>& split_on(const Ground& ground);
  std::optional<Split> compute(const Ground& ground);
  std::uint64_t left_apart(const std::vector<std::size_t>& gpus) const;

  const Stock& stock_;
  const Problem& problem_;
  Misfits* misfits_;
  std::vector<std::uint64_t> sums_;  // Of the distances from each GPU to all others.
  std::uint64_t total_ = 0;          // Of those between each two.
  std::size_t tries_ = 0;
  std::map<Ground, std::optional<Split>> splits_;  // Many sets of GPUs stand on the same ground.
};

bool Solver::may_spill_to(std::size_t node, const std::vector<Site>& needed) const {
  if (!problem_.wish.cells.empty())
    return std::ranges::find(problem_.wish.cells, stock_.nodes[node].node.id, &CellRequest::node) !=
           problem_.wish.cells.end();
  switch (problem_.numa) {
    case NumaPolicy::Required:
      return false;
    case NumaPolicy::Socket:
      return std::ranges::all_of(needed, [&](const Site& site) {
        return stock_.nodes[site.node].packages.intersects(stock_.nodes[node].packages);
      });
    case NumaPolicy::Preferred:
      return true;
  }
  return false;
}

bool Solver::in_one_package(const std::vector<Site>& sites) const {
  if (sites.size() < 2) return true;
  CpuSet common = stock_.nodes[sites.front().node].packages;
  for (const Site& site : sites) common &= stock_.nodes[site.node].packages;
  return !common.empty();
}

std::vector<std::size_t> Solver::optional_nodes(const std::vector<Site>& needed) const {
  std::vector<std::size_t> nodes;
  for (std::size_t node = 0; node < stock_.nodes.size(); ++node)
    if (std::ranges::find(needed, node, &Site::node) == needed.end() && may_spill_to(node, needed))
      nodes.push_back(node);
  return nodes;
}

/// @returns nullopt where a device is on no known node, and the policy minds.
std::optional<Ground> Solver::ground_of(const GpuSet& set) const {
  std::map<std::size_t, unsigned> counts;
  bool known = true;
  for (const std::size_t gpu : set.gpus)
    if (const auto node = stock_.gpus[gpu].node)
      ++counts[*node];
    else
      known = false;
  for (const GpuStock& device : stock_.devices)
    if (device.node)
      counts.try_emplace(*device.node, 0);
    else
      known = false;
  if (!known && problem_.numa != NumaPolicy::Preferred) return std::nullopt;
  Ground ground;
  for (const auto& [node, gpus] : counts) ground.needed.push_back({node, gpus});
  if (problem_.numa == NumaPolicy::Socket && !in_one_package(ground.needed)) return std::nullopt;
  ground.optional = optional_nodes(ground.needed);
  return ground;
}

/// All nodes that the guest may use there.
std::vector<Site> all_of(const Ground& ground) {
  std::vector<Site> sites = ground.needed;
  for (const std::size_t node : ground.optional) sites.push_back({node, 0});
  std::ranges::sort(sites);
  return sites;
}

/// Beside the needed nodes as few others as will do: each further one is one more for the guest to cross.
std::optional<Split> Solver::compute(const Ground& ground) {
  std::size_t threads = 0;
  for (const Site& site : all_of(ground)) threads += threads_of(stock_.nodes[site.node], kAnyKind);
  if (threads < problem_.wish.vcpus) return std::nullopt;
  const std::size_t all = ground.optional.size();
  // With a split of the user's own, all of its nodes.
  std::size_t extra = problem_.wish.cells.empty() ? 0 : all;
  std::optional<Split> best;
  for (; extra <= all && !best; ++extra) {
    std::vector<bool> chosen(all, false);
    std::fill(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(extra), true);
    do {
      std::vector<Site> sites = ground.needed;
      for (std::size_t at = 0; at < all; ++at)
        if (chosen[at]) sites.push_back({ground.optional[at], 0});
      std::ranges::sort(sites);
      if (sites.empty()) continue;
      auto split = split_over(stock_, sites, problem_.wish);
      if (split && (!best || split->cost < best->cost)) best = std::move(split);
    } while (++tries_ < kMostTries && std::prev_permutation(chosen.begin(), chosen.end()));
    if (tries_ >= kMostTries) break;
  }
  return best;
}

const std::optional<Split>& Solver::split_on(const Ground& ground) {
  const auto known = splits_.find(ground);
  if (known != splits_.end()) return known->second;
  auto split = compute(ground);
  if (!split && misfits_) misfits_->push_back(all_of(ground));
  return splits_.emplace(ground, std::move(split)).first->second;
}

/// Of all distances, those that end at none of the GPUs; those between two of them were taken off twice.
std::uint64_t Solver::left_apart(const std::vector<std::size_t>& gpus) const {
  std::uint64_t ended = 0, between = 0;
  for (const std::size_t gpu : gpus) {
    ended += sums_[gpu];
    for (const std::size_t other : gpus) between += stock_.distances[gpu][other];
  }
  return total_ + between / 2 - ended;
}

std::optional<Solution> Solver::best() {
  std::optional<Solution> best;
  for (const GpuSet& set : gpu_sets(stock_, problem_.gpus)) {
    // They come in the order of these; the first that fits decides on them.
    if (best && std::tie(set.reluctance, set.nodes, set.distance) >
                    std::tie(best->cost.reluctance, best->cost.gpu_nodes, best->cost.gpu_distance))
      break;
    const auto ground = ground_of(set);
    if (!ground) continue;
    const std::optional<Split>& split = split_on(*ground);
    if (!split) continue;
    const Cost cost{set.reluctance, set.nodes, set.distance, split->cost, left_apart(set.gpus)};
    if (!best || cost < best->cost) best = Solution{set.gpus, *split, cost};
  }
  return best;
}

}  // namespace

bool operator<(const Cost& one, const Cost& other) {
  const auto order = [](const Cost& cost) {
    const SplitCost& split = cost.split;
    return std::tuple(cost.reluctance, cost.gpu_nodes, cost.gpu_distance, split.away, split.nodes,
                      split.spill, split.kind, split.cores.caches, split.cores.partial, cost.gpus_left_apart,
                      split.cores.left);
  };
  return order(one) < order(other);
}

std::optional<Solution> solve(const Stock& stock, const Problem& problem, Misfits* misfits) {
  return Solver(stock, problem, misfits).best();
}

}  // namespace gpupass
