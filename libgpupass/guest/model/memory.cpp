// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/memory.hpp"

#include <algorithm>
#include <string_view>

#include "guest/model/libvirt_values.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kOrdinaryPage = 4096;  // x86_64

/// The page size of each guest cell, as <hugepages> gives it. libvirt counts guest cells there.
class PageSizes {
 public:
  explicit PageSizes(pugi::xml_node hugepages) {
    for (const pugi::xml_node page : hugepages.children("page")) {
      const auto size = bytes_from(page.attribute("size").value(), page.attribute("unit").value());
      const pugi::xml_attribute cells = page.attribute("nodeset");
      if (!cells)
        others_ = size;
      else if (size)
        for (const unsigned cell : set_from(cells.value()).value_or(CpuSet{})) sizes_.emplace(cell, *size);
    }
  }

  std::optional<std::uint64_t> of(unsigned cell) const {
    const auto own = sizes_.find(cell);
    const auto size = own != sizes_.end() ? std::optional(own->second) : others_;
    return size && *size > kOrdinaryPage ? size : std::nullopt;
  }

 private:
  std::map<unsigned, std::uint64_t> sizes_;
  std::optional<std::uint64_t> others_;
};

/// The memory of each guest cell; a guest without cells is one.
std::map<unsigned, std::uint64_t> bytes_of_cells(pugi::xml_node domain) {
  std::map<unsigned, std::uint64_t> memory;
  unsigned number = 0;
  for (const pugi::xml_node cell : domain.child("cpu").child("numa").children("cell")) {
    const auto bytes = bytes_from(cell.attribute("memory").value(), cell.attribute("unit").value());
    if (bytes) memory.emplace(cell.attribute("id").as_uint(number), *bytes);
    ++number;
  }
  const pugi::xml_node whole = domain.child("memory");
  if (number == 0)
    if (const auto bytes = bytes_from(whole.child_value(), whole.attribute("unit").value()))
      memory.emplace(0, *bytes);
  return memory;
}

void give_back(NumaNode& node, const CellMemory& memory) {
  if (memory.page_size_bytes) {
    const auto pool =
        std::ranges::find(node.huge_pages, *memory.page_size_bytes, &HugePages::page_size_bytes);
    if (pool == node.huge_pages.end() || pool->free > pool->total) return;
    pool->free += std::min(memory.bytes / *memory.page_size_bytes, pool->total - pool->free);
  } else if (node.free_bytes && node.memory_bytes && *node.free_bytes <= *node.memory_bytes) {
    node.free_bytes = *node.free_bytes + std::min(memory.bytes, *node.memory_bytes - *node.free_bytes);
  }
}

}  // namespace

MemoryNodes::MemoryNodes(pugi::xml_node domain) {
  const pugi::xml_node numatune = domain.child("numatune");
  const auto set_in = [](pugi::xml_node element) -> std::optional<CpuSet> {
    const std::string_view mode = element.attribute("mode").as_string("strict");
    // "preferred" may take its memory from any other node too.
    if (!element.attribute("nodeset") || mode == "preferred") return std::nullopt;
    return set_from(element.attribute("nodeset").value());
  };
  others_ = set_in(numatune.child("memory"));
  for (const pugi::xml_node memnode : numatune.children("memnode"))
    if (const auto nodes = set_in(memnode)) cells_.emplace(memnode.attribute("cellid").as_uint(), *nodes);
}

std::optional<CpuSet> MemoryNodes::of(unsigned cell) const {
  const auto own = cells_.find(cell);
  return own != cells_.end() ? std::optional(own->second) : others_;
}

std::vector<CellMemory> memory_of_cells(pugi::xml_node domain) {
  const PageSizes sizes(domain.child("memoryBacking").child("hugepages"));
  const MemoryNodes nodes(domain);
  std::vector<CellMemory> cells;
  for (const auto& [cell, bytes] : bytes_of_cells(domain))
    cells.push_back({bytes, sizes.of(cell), nodes.of(cell)});
  return cells;
}

void give_back_memory(const Domain& domain, std::vector<NumaNode>& nodes) {
  pugi::xml_document document;  // Without a live definition, or with a broken one, it holds nothing.
  document.load_buffer(domain.live_xml.data(), domain.live_xml.size());
  for (const CellMemory& memory : memory_of_cells(document.child("domain"))) {
    if (!memory.nodes || memory.nodes->size() != 1) continue;
    const auto node = std::ranges::find(nodes, memory.nodes->front(), &NumaNode::id);
    if (node != nodes.end()) give_back(*node, memory);
  }
}

}  // namespace gpupass
