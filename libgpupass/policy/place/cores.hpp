// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <optional>

#include "policy/place/free_resources.hpp"

/// Which cores of one NUMA node a guest gets. Part of place().
namespace gpupass {

/// How many threads the cores have that a guest may get; 0: cores of any kind, those with most threads first.
using CoreKind = std::size_t;
inline constexpr CoreKind kAnyKind = 0;
/// The kinds of the free cores, those with most threads first. kAnyKind is not among them.
std::vector<CoreKind> core_kinds(const FreeResources& resources);

/// What a choice of cores costs, the worst first.
struct CoreCost {
  unsigned caches = 0;   ///< Last-level caches touched.
  unsigned partial = 0;  ///< Cores of which a thread stays unused.
  std::size_t left = 0;  ///< Free cores left below the caches touched.
  friend auto operator<=>(const CoreCost&, const CoreCost&) = default;
};
CoreCost operator+(const CoreCost& one, const CoreCost& other);

struct CoreChoice {
  Cores cores;  ///< Ascending by their lowest CPU.
  CoreCost cost;
};

/// The whole cores for so many vCPUs that cost least; among equals those below the lowest caches, and of
/// these the lowest. Cores that are set aside for guests come first. @returns nullopt where the node has not
/// enough of this kind.
std::optional<CoreChoice> choose_cores(const FreeNode& node, CoreKind kind, unsigned vcpus);

/// Threads of the free cores of this kind.
std::size_t threads_of(const FreeNode& node, CoreKind kind);

}  // namespace gpupass
