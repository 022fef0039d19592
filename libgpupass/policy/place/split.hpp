// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "policy/place/cores.hpp"
#include "policy/place/memory.hpp"

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

/// The best split; among equals the one with more vCPUs on lower nodes. @returns nullopt where the guest does
/// not fit.
std::optional<Split> split_over(const FreeResources& resources, const std::vector<UsedNode>& used_nodes,
                                const GuestNeeds& guest_needs);

}  // namespace gpupass
