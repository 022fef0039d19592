// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/error.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/request.hpp"
#include "policy/place/free_resources.hpp"

/// Which GPUs a guest may get. Part of place().
namespace gpupass {

/// What a GPU costs that is left without use, as another GPU of its group is taken.
inline constexpr std::uint64_t kMateLeft = 1U << 8;

/// The GPUs that may serve the request: just those that it names, else each that can be given away; and the
/// devices that go with them. Preferred is, in this order, what the guest's definition names already, then
/// what no other guest's does, then what certainly can be given away, then what has all lanes of its slot.
/// @throws Error Refused when there are none, Usage and NotFound as select_gpus().
void add_candidates(const Host& host, const Request& request, FreeResources& resources);

/// How many GPUs the request wants, of those that add_candidates() found.
std::size_t gpus_wanted(const Request& request, const FreeResources& resources);

/// What the user should know of a placement: what binding its devices will ask for, and what they need to
/// work.
std::vector<Finding> warnings_of(const Host& host, const Request& request, const Placement& placement);

/// "cannot place NAME: saw ..., expected ..."
Error placement_refused(const Request& request, const std::string& seen, const std::string& expected,
                        const std::string& hint = {});

}  // namespace gpupass
