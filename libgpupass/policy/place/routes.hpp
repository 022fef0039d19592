// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "policy/place/gpu_blocks.hpp"
#include "policy/place/solve.hpp"

/// All routes to take so many GPUs, block after block. Part of place().
namespace gpupass {

/// A choice in one block, and the stage that it leads to in the next.
struct Branch {
  std::size_t choice = 0, to = 0;
  GpusCost cost;
};

/// What the choices before a block have in common, as far as it matters from there on.
struct Stage {
  std::size_t gpus = 0;                ///< Taken so far.
  std::vector<std::uint64_t> towards;  ///< Distance from these to one more GPU, for each kind of later block.
  std::vector<Branch> branches;        ///< Those with the lowest GPUs first.
  GpusCost from, rest;                 ///< The least that it costs to come here, and to go on from here.
};

/// One choice for each block.
using Route = std::vector<std::size_t>;

/// Routes whose rest costs the same meet in one stage, so that there are few stages where there are billions
/// of routes.
class Routes {
 public:
  using Filter = std::function<bool(const GpuChoice&)>;
  /// By choices that the filter lets pass; with a limit those of no more penalty and nodes than it has.
  Routes(const GpuBlocks& blocks, std::size_t gpus, const Filter& filter,
         const std::optional<GpusCost>& limit, Work& work);

  /// Whether there is one at all.
  bool any() const { return any_; }
  bool complete() const { return complete_; }
  GpusCost least() const { return layers_.front().front().rest; }
  const GpuBlocks& blocks() const { return blocks_; }
  std::size_t gpus() const { return gpus_; }
  /// The stages before each block; at last the one after all of them.
  const std::vector<std::vector<Stage>>& layers() const { return layers_; }

 private:
  using Costs = std::vector<std::optional<GpusCost>>;  // By number of GPUs.
  void keep(const Filter& filter);
  void count_rests();
  void extend(std::size_t block, const std::optional<GpusCost>& limit, Work& work);
  void add_rests();

  const GpuBlocks& blocks_;
  std::size_t gpus_;
  std::vector<std::vector<std::size_t>> kept_;  // The choices of each block.
  std::vector<Costs> rests_;                    // Penalty and nodes, from each block on.
  std::vector<std::size_t> kinds_;  // Of later blocks: alike are those equally far from every GPU taken.
  std::vector<std::vector<Stage>> layers_;
  bool any_ = false;
  bool complete_ = true;
};

}  // namespace gpupass
