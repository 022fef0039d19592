// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/host.hpp"

namespace pugi {
class xml_node;
}

/// What a definition says of a guest's memory.
namespace gpupass {

/// One <page> of <hugepages>. libvirt counts the guest's cells there, and the host's nodes in <numatune>.
struct PageElement {
  std::optional<std::uint64_t> bytes;  ///< The size of the pages; nullopt: it cannot be read.
  std::optional<CpuSet> cells;         ///< nullopt: all cells that no other element names.
};
std::vector<PageElement> page_elements(pugi::xml_node domain);

/// Which nodes of the host the memory of each guest cell comes from.
class MemoryNodes {
 public:
  explicit MemoryNodes(pugi::xml_node domain);
  /// The nodes that it is bound to; nullopt: the definition leaves it open.
  std::optional<CpuSet> of(unsigned cell) const;
  /// As above, or those that it comes from as long as they have any.
  std::optional<CpuSet> preferred_of(unsigned cell) const;

 private:
  struct Nodes {
    CpuSet nodes;
    bool bound = false;
  };
  static std::optional<Nodes> nodes_in(pugi::xml_node element);
  const Nodes* find(unsigned cell) const;

  std::map<unsigned, Nodes> cells_;  // By <memnode>.
  std::optional<Nodes> others_;      // By <memory>.
};

struct CellMemory {
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t>
      page_size_bytes;          ///< nullopt: ordinary pages, or the host's default huge pages.
  std::optional<CpuSet> nodes;  ///< As MemoryNodes has them.
};

/// Each cell's; a guest without cells is one. What cannot be read is left out.
std::vector<CellMemory> memory_of_cells(pugi::xml_node domain);

/// The part of <memory> that memory devices have: libvirt takes it from what the cells have.
std::uint64_t plugged_memory(pugi::xml_node domain);

/// Adds the memory that a running guest frees when it restarts: what its live definition binds to one node.
void give_back_memory(const Domain& domain, std::vector<NumaNode>& nodes);

}  // namespace gpupass
