// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/host.hpp"

/// What a definition says of a guest's memory.
namespace gpupass {

/// Which nodes of the host the memory of each guest cell is bound to.
class MemoryNodes {
 public:
  explicit MemoryNodes(pugi::xml_node domain);
  /// nullopt: the definition leaves it open.
  std::optional<CpuSet> of(unsigned cell) const;

 private:
  std::map<unsigned, CpuSet> cells_;  // By <memnode>.
  std::optional<CpuSet> others_;      // By <memory>.
};

struct CellMemory {
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t>
      page_size_bytes;          ///< nullopt: ordinary pages, or the host's default huge pages.
  std::optional<CpuSet> nodes;  ///< As MemoryNodes has them.
};

/// Each cell's; a guest without cells is one. What cannot be read is left out.
std::vector<CellMemory> memory_of_cells(pugi::xml_node domain);

/// What a guest that runs holds of these nodes is free again when it starts anew: the memory that its live
/// definition binds to one node.
void give_back_memory(const Domain& domain, std::vector<NumaNode>& nodes);

}  // namespace gpupass
