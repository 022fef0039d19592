// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "policy/place/free_resources.hpp"
#include "policy/place/split.hpp"
#include "policy/place/work.hpp"

/// Which GPUs of a node a guest gets, if it gets so many there. Part of place().
namespace gpupass {

/// Stands for the node of a GPU whose node is not known.
inline constexpr std::size_t kNowhere = SIZE_MAX;

/// What some GPUs cost together, the worst first.
struct GpuCost {
  std::uint64_t penalty = 0;
  std::uint64_t distance = 0;   ///< Between each two of them, and from each to the devices.
  std::int64_t left_apart = 0;  ///< By how much more the GPUs that stay free are apart.
  friend auto operator<=>(const GpuCost&, const GpuCost&) = default;
};

/// The best GPUs of all that are so many on each of these nodes.
struct GpuChoice {
  std::vector<UsedNode> nodes;    ///< Ascending, those with a device of the guest among them.
  std::vector<std::size_t> gpus;  ///< Positions in FreeResources::gpus, ascending.
  GpuCost cost;
};

/// The GPUs of the host, a node's together. Two GPUs of one block are equally far from a GPU of another
/// block, so it does not matter there which of them are taken. GPUs of several nodes are one block where it
/// does.
struct GpuBlocks {
  std::vector<std::vector<GpuChoice>> blocks;    ///< Ascending by their lowest GPU; its choices before none.
  std::vector<std::vector<unsigned>> distances;  ///< Between each two of the blocks.
  bool complete = true;                          ///< false: there was not enough work to look at all choices.
};

/// All choices of at most so many GPUs.
GpuBlocks gpu_blocks(const FreeResources& resources, std::size_t most, Work& work);

}  // namespace gpupass
