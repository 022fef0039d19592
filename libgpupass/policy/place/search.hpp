// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "policy/place/cheapest_first.hpp"
#include "policy/place/core_costs.hpp"
#include "policy/place/ground.hpp"
#include "policy/place/routes.hpp"

/// One search for the best placement. Part of solve().
namespace gpupass {

class Search {
 public:
  /// `bare` are the blocks as if no GPU were far from another: enough to see whether the guest fits.
  Search(const FreeResources& resources, const Problem& problem, const GpuBlocks& blocks,
         const GpuBlocks& bare, CoreCosts& core_costs, Work& work);

  Solved run();
  /// Without a look for the best.
  Answer fits();

 private:
  std::vector<Ground> roomy_grounds() const;
  Room needed_on(const Ground& ground) const;
  Routes::Filter filter(const Ground& ground) const;
  std::optional<FittingRoute> any_route(const Ground& ground);
  bool search(const Ground& ground, const std::optional<GpusCost>& limit);
  bool try_all(const Routes& routes, const Ground& ground);
  std::optional<SplitCost> consider(const Route& route, const Ground& ground);
  Cost cost_of_gpus(const Route& route) const;
  GpusCost least_of_any() const;
  void improve(const Route& route, const Cost& cost, Split split);

  const FreeResources& resources_;
  const Problem& problem_;
  const GpuBlocks& blocks_;
  const GpuBlocks& bare_;
  CoreCosts& core_costs_;
  Work& work_;
  std::vector<Room> rooms_;
  GpusCost of_devices_;       // What the guest's devices cost, whatever its GPUs are.
  std::uint64_t apart_ = 0;   // Between each two of all GPUs.
  bool all_on_nodes_ = true;  // The node of each GPU is known.
  bool complete_;
  bool bounded_;  // least_ holds for all placements.
  std::optional<Solution> best_;
  std::optional<GpusCost> least_;
  // By the kinds of nodes with GPUs, and by kind and distance of those that may be used beside them.
  using Look = std::vector<std::tuple<bool, std::size_t, std::uint64_t>>;
  Look look_of(const SplitNodes& nodes) const;
  std::map<Look, std::optional<SplitCost>> known_;
};

/// The nodes that the guest uses by its GPUs and devices. kNowhere is none.
std::vector<UsedNode> nodes_of(const GpuBlocks& blocks, const Route& route);

/// Whether the guest may use these nodes for its GPUs.
bool may_use(const Problem& problem, const Ground& ground, const GpuChoice& choice);

}  // namespace gpupass
