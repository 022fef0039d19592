// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gpupass/assess.hpp"
#include "policy/place/split.hpp"

/// The best placement of a guest on what a host has to give. Part of place() and pack().
namespace gpupass {

struct Problem {
  std::size_t gpus = 1;
  NumaPolicy numa = NumaPolicy::Required;
  GuestNeeds guest_needs;
};

/// The part of a placement's cost that its GPUs decide alone.
struct GpusCost {
  std::uint64_t penalty = 0;   ///< GPUs that others want, or that may not be passable.
  std::size_t nodes = 0;       ///< Nodes with a GPU or a device of the guest.
  std::uint64_t distance = 0;  ///< Sum over all pairs of them.
  friend auto operator<=>(const GpusCost&, const GpusCost&) = default;
};
GpusCost operator+(const GpusCost& one, const GpusCost& other);

/// What a placement costs.
struct Cost {
  GpusCost gpus;
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

/// What a search found.
struct Solved {
  std::optional<Solution> best;  ///< The least cost; among equals the lowest GPU addresses. nullopt: none.
  /// false: the search was stopped before it had seen all. There may be a better one; without one, it is not
  /// known whether the guest fits.
  bool proven = true;
  GpusCost least;  ///< No placement costs less than this by its GPUs.
};

/// Some seconds. Real machines need a thousandth of it.
inline constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 25;

Solved solve(const FreeResources& resources, const Problem& problem, std::uint64_t steps = kMostSteps);

}  // namespace gpupass
