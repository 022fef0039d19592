// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "policy/place/core_costs.hpp"
#include "policy/place/split.hpp"
#include "policy/place/work.hpp"

/// How many vCPUs of a guest go to each node. Part of place().
namespace gpupass {

/// A node that a guest uses, or may use.
struct SplitNode {
  UsedNode used;
  bool optional = false;
  std::uint64_t spill = 0;   ///< The distance to the nearest GPU, for a node without one.
  std::uint64_t memory = 0;  ///< Of the guest's memory, as much as it can hold.
};

/// What is to be split, and on how many of the optional nodes.
struct SplitProblem {
  std::vector<SplitNode> nodes;  ///< Ascending.
  std::size_t extra = 0;
  unsigned vcpus = 0;
  std::uint64_t memory = 0;
  std::vector<CellRequest> cells;  ///< As in GuestNeeds.
};

/// vCPUs beyond the share of the GPUs of their node, times the number of the GPUs.
std::uint64_t away(unsigned vcpus_here, unsigned gpus_here, unsigned vcpus, std::uint64_t gpus);

/// For each node its vCPUs, 0 where it is not used, on cores of one kind; among equals more on lower nodes.
/// @returns nothing where the guest does not fit.
std::vector<unsigned> split_vcpus(const FreeResources& resources, const SplitProblem& problem, CoreKind kind,
                                  CoreCosts& costs, Work& work);

}  // namespace gpupass
