// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "policy/place/core_costs.hpp"
#include "policy/place/room.hpp"
#include "policy/place/routes.hpp"

/// Which of many routes whose GPUs cost the same. Part of place().
namespace gpupass {

/// Of the routes that cost this by their GPUs, the one whose guest is split best over the nodes of its GPUs.
/// nullopt: on none of them it fits.
std::optional<Route> best_route(const Routes& routes, const GpusCost& cost, const FreeResources& resources,
                                const std::vector<Room>& rooms, const GuestNeeds& guest_needs,
                                CoreCosts& core_costs, Work& work);

}  // namespace gpupass
