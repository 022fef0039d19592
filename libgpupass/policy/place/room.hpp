// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "policy/place/routes.hpp"
#include "policy/place/solve.hpp"

/// Whether a guest can fit on nodes, by what they have in sum. Part of place().
namespace gpupass {

/// How much of a guest fits on nodes.
struct Room {
  std::size_t threads = 0;
  std::uint64_t memory = 0;
  std::size_t cells = 0;  ///< How many nodes it would be spread over.
};

/// What each node has for a guest with this need of memory.
std::vector<Room> rooms(const FreeResources& resources, const MemoryRequest& memory);

/// What a guest needs, and over how many nodes it can be spread at most: each has a vCPU and a page.
Room needed_room(const GuestNeeds& guest_needs);

struct FittingRoute {
  Route route;
  GpusCost cost;
};
/// The cheapest way to take GPUs whose nodes have the room together. A search that runs out of work finds
/// nothing.
std::optional<FittingRoute> cheapest_fitting(const Routes& routes, const std::vector<Room>& rooms,
                                             const Room& needed, Work& work);

}  // namespace gpupass
