// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/placement.hpp"
#include "policy/place/free_resources.hpp"

/// What guests leave of a host's free resources. Part of pack().
namespace gpupass {

/// Takes what a guest gets.
void take(FreeResources& resources, const Placement& placement);

/// One node with its GPUs, as if it were all of the host.
FreeResources only(const FreeResources& resources, std::size_t node);

/// The same text for hosts that serve every request alike.
std::string shape_of(const FreeResources& resources);

}  // namespace gpupass
