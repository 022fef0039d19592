// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/topology.hpp"

/// Which pages of which NUMA nodes hold a guest's memory. Part of place().
namespace gpupass {

/// What a guest asks of the memory.
struct MemoryRequest {
  std::string guest;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> page_size_bytes;  ///< As in Request.
};

/// A node's part of it.
struct MemoryShare {
  std::uint64_t bytes = 0;
  std::uint64_t page_size_bytes = 0;
  friend bool operator==(const MemoryShare&, const MemoryShare&) = default;
};

/// @throws Error Usage for memory that no pages could make up.
void check_memory(const MemoryRequest& request);

/// One share for each node: pages of 1 GiB, of 2 MiB, then each node's best; by the weights, and where that
/// does not fit, as evenly as it does; at last whatever each node holds most of. @returns nullopt where it
/// does not fit at all.
std::optional<std::vector<MemoryShare>> split_memory(const std::vector<const NumaNode*>& nodes,
                                                     const std::vector<std::uint64_t>& weights,
                                                     const MemoryRequest& request);

/// The pages for so much on this node; nullopt where it has not as much.
std::optional<MemoryShare> share_on(const NumaNode& node, const MemoryRequest& request);

/// The most that the node could hold of a guest whose memory is split over several nodes.
std::uint64_t memory_room(const NumaNode& node, const MemoryRequest& request);

/// The least that a node holds of a guest.
std::uint64_t least_page(const MemoryRequest& request);

/// What is free of them there, for people.
std::string pages_text(const NumaNode& node, const MemoryShare& share, const MemoryRequest& request);

/// How much ordinary memory a guest of this size takes from a node, with what QEMU and the kernel need beside
/// it.
std::uint64_t with_headroom(std::uint64_t bytes);
/// How large a guest can be at most that takes so much.
std::uint64_t without_headroom(std::uint64_t bytes);

/// Naming what is free on the node and what is needed.
Finding memory_short(const NumaNode& node, const MemoryRequest& request);

/// `total` units by weight: whole ones, the largest remainders first, then the first of them.
std::vector<std::uint64_t> by_weight(std::uint64_t total, const std::vector<std::uint64_t>& weights);

}  // namespace gpupass
