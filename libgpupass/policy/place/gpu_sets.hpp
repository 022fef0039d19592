// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <vector>

#include "policy/place/free_resources.hpp"

/// The sets of GPUs that are worth a look. Part of place().
namespace gpupass {

/// One of them, with its part of the cost.
struct GpuSet {
  std::vector<std::size_t> gpus;  ///< Positions in FreeResources::gpus, ascending.
  std::uint64_t penalty = 0;
  std::size_t nodes = 0;
  std::uint64_t distance = 0;
};

/// All sets of so many GPUs, by cost and then by the lowest addresses. Of GPUs that differ in nothing but
/// their address the lowest are taken first, so that eight alike are one set of each size and not hundreds.
std::vector<GpuSet> gpu_sets(const FreeResources& resources, std::size_t count);

}  // namespace gpupass
