// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include "policy/place/solve.hpp"

/// What a host has left, in numbers: enough to see cheaply where a guest fits. Part of pack().
namespace gpupass {

struct Amounts {
  std::uint64_t gpus = 0;
  std::uint64_t threads = 0;
  std::uint64_t memory = 0;

  std::array<std::uint64_t, 3> each() const { return {gpus, threads, memory}; }
};
/// Memory that is not known is endless, and so is its sum.
std::uint64_t memory_sum(std::uint64_t one, std::uint64_t other);
Amounts& operator+=(Amounts& sum, const Amounts& more);

/// What one of each resource is worth.
using Prices = std::array<double, 3>;
double value_of(const Amounts& amounts, const Prices& prices);

/// What a guest takes at least.
Amounts needs_of(const Problem& problem);

/// Of one node.
struct Spare {
  Amounts amounts;               ///< Most that a guest could have.
  std::uint64_t free_bytes = 0;  ///< Ordinary memory.
  unsigned core = 0;             ///< Threads of each core; 0: what a guest takes cannot be counted.
};
/// One for each node. A GPU whose node is not known is on none of them.
std::vector<Spare> spare_of(const FreeResources& resources);
Amounts sum_of(const std::vector<Spare>& nodes);

/// false: the guest does not fit on the node alone.
bool holds(const Spare& node, const Amounts& needs);

/// Whether what the guest takes of the node is known without placing it: whole cores, and ordinary memory.
bool is_counted(const Spare& node, const Problem& problem);
void count_off(Spare& node, const Amounts& needs);

/// false: the guest fits nowhere on the host.
bool may_hold(const FreeResources& resources, const std::vector<Spare>& nodes, const Problem& problem);

}  // namespace gpupass
