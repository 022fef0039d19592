// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "policy/place/core_costs.hpp"
#include "policy/place/memory.hpp"
#include "policy/place/work.hpp"

/// How a guest is split over given NUMA nodes. Part of place().
namespace gpupass {

/// A node that the guest uses, and how many of its GPUs are there.
struct UsedNode {
  std::size_t node = 0;
  unsigned gpus = 0;
  friend auto operator<=>(const UsedNode&, const UsedNode&) = default;
};

/// What a guest asks of its nodes.
struct GuestNeeds {
  unsigned vcpus = 0;
  MemoryRequest memory;
  std::vector<CellRequest> cells;  ///< Ascending by node; empty: as the GPUs are.
};

struct SplitCost {
  std::uint64_t away = 0;  ///< vCPUs beyond what the GPUs of their node would have, times the number of GPUs.
  std::size_t nodes = 0;
  std::uint64_t spill = 0;  ///< Distances from the nodes without a GPU to the nearest one with.
  std::size_t kind = 0;     ///< Which kind of cores, those with most threads first; mixed ones last.
  CoreCost cores;           ///< The sum over the nodes.
  friend auto operator<=>(const SplitCost&, const SplitCost&) = default;
};

/// One guest cell.
struct CellChoice {
  std::size_t node = 0;
  unsigned vcpus = 0;
  CoreChoice cores;
  MemoryShare memory;
};

struct Split {
  std::vector<CellChoice> cells;  ///< One for each node, ascending by node.
  CoreKind kind = kAnyKind;
  SplitCost cost;
};

/// Where a guest is split: over all of the needed nodes, and over as few of the optional ones as suffice, as
/// the guest has to cross each of them. With cells of the user's own, over all.
struct SplitNodes {
  std::vector<UsedNode> needed;       ///< Ascending.
  std::vector<std::size_t> optional;  ///< Ascending.
  friend auto operator<=>(const SplitNodes&, const SplitNodes&) = default;
};

/// The best split; among equals the one with more vCPUs on lower nodes. @returns nullopt where the guest does
/// not fit.
std::optional<Split> split_over(const FreeResources& resources, const SplitNodes& nodes,
                                const GuestNeeds& guest_needs, CoreCosts& costs, Work& work);

/// The distance from a node to the nearest one with a GPU; 0: none has one.
std::uint64_t distance_to_gpu(const FreeResources& resources, std::size_t node,
                              const std::vector<UsedNode>& used_nodes);

}  // namespace gpupass
