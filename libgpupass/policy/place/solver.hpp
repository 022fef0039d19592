// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "policy/place/core_costs.hpp"
#include "policy/place/gpu_blocks.hpp"
#include "policy/place/room.hpp"
#include "policy/place/solve.hpp"

/// Several problems on the same resources. Part of place().
namespace gpupass {

class Solver {
 public:
  explicit Solver(const FreeResources& resources, std::uint64_t steps = kMostSteps)
      : resources_(resources), steps_(steps), core_costs_(resources) {}

  const FreeResources& resources() const { return resources_; }

  Solved solve(const Problem& problem);

  /// Without a look for the best.
  Answer fits(const Problem& problem);

  /// The sets of nodes that a guest with so many GPUs could be on if it fitted, at most so many: those with
  /// the best GPUs first.
  std::vector<std::vector<UsedNode>> node_sets(const Problem& problem, std::size_t most);

 private:
  void prepare(std::size_t gpus);

  const FreeResources& resources_;
  std::uint64_t steps_;
  CoreCosts core_costs_;
  std::size_t most_ = 0;  // GPUs of the choices in the blocks.
  GpuBlocks blocks_;
  GpuBlocks bare_;  // As if no GPU were far from another.
};

}  // namespace gpupass
