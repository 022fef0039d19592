// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gpupass/topology.hpp"

/// Which pages of one NUMA node hold a guest's memory. Part of place().
namespace gpupass {

struct MemoryChoice {
  std::uint64_t page_size_bytes = 0;
  std::string reason;
};

/// What a guest asks of the memory.
struct MemoryRequest {
  std::string guest;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> page_size_bytes;  ///< As in Request.
};

/// @throws Error Refused, naming what is free and what is needed; Usage for pages that cannot make up the
/// memory.
MemoryChoice choose_memory(const NumaNode& node, const MemoryRequest& request);

}  // namespace gpupass
