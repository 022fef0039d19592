// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "gpupass/host.hpp"
#include "policy/place/solve.hpp"

namespace gpupass {

/// The largest number of vCPUs below the problem's that fits; nullopt: none does.
std::optional<unsigned> fewer_vcpus(const FreeResources& resources, const Problem& problem);

/// The nearest requests that fit, each with one thing changed: the GPUs, the vCPUs, the memory.
/// "it fits with 14 vCPUs, or with 2 GPUs". Empty: none does.
std::string nearest_fits(const Host& host, const Request& request, const FreeResources& resources,
                         const Problem& problem);

}  // namespace gpupass
