// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "policy/place/room.hpp"
#include "policy/place/solve.hpp"

namespace gpupass {

/// Nodes that a guest may be on together, by the policy and by its cells. Part of place().
struct Ground {
  std::vector<bool> with_gpus;  ///< Where it may have GPUs and devices.
  std::vector<bool> beside;     ///< Where it may have vCPUs and memory without any.
};

/// For the policy "socket" one for each package, else one.
std::vector<Ground> grounds(const FreeResources& resources, const Problem& problem);

/// Without the nodes on which no part of the guest fits.
Ground with_room(const FreeResources& resources, const Problem& problem, Ground ground,
                 const std::vector<Room>& rooms);

/// Whether the nodes with most of it have too little in sum, or a cell does not fit: then no search is
/// needed.
bool too_small(const FreeResources& resources, const Problem& problem, const Ground& ground,
               const std::vector<Room>& rooms);

/// A guest with GPUs on these nodes; see split_over().
SplitNodes split_nodes(const Ground& ground, const std::vector<UsedNode>& needed);

}  // namespace gpupass
