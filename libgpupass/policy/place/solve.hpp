// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "policy/place/split.hpp"

/// The best placement of a guest on what a host has to give. Part of place() and pack().
namespace gpupass {

struct Problem {
  std::size_t gpus = 1;
  NumaPolicy numa = NumaPolicy::Required;
  GuestNeeds guest_needs;
};

/// What a placement costs.
struct Cost {
  std::uint64_t penalty = 0;       ///< GPUs that others want, or that may not be passable.
  std::size_t gpu_nodes = 0;       ///< Nodes with a GPU or a device of the guest.
  std::uint64_t gpu_distance = 0;  ///< Sum over all pairs of them.
  SplitCost split;
  std::uint64_t gpus_left_apart = 0;  ///< Sum of the distances between each two of the GPUs that stay free.
};
/// A difference in one member outweighs all later members.
bool operator<(const Cost& one, const Cost& other);

struct Solution {
  std::vector<std::size_t> gpus;  ///< Positions in FreeResources::gpus, ascending.
  Split split;
  Cost cost;
};

/// Node sets on which a guest did not fit, the best first.
using Misfits = std::vector<std::vector<UsedNode>>;

/// The least cost; among equals the lowest GPU addresses. @returns nullopt where the guest does not fit.
std::optional<Solution> solve(const FreeResources& resources, const Problem& problem,
                              Misfits* misfits = nullptr);

}  // namespace gpupass
