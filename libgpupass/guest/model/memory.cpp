// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/memory.hpp"

#include <algorithm>
#include <pugixml.hpp>
#include <string_view>

#include "guest/model/domain_xml.hpp"
#include "guest/model/libvirt_values.hpp"
#include "guest/text/parse.hpp"

namespace gpupass {

namespace {

std::optional<std::uint64_t> large(std::uint64_t page_bytes) {
  return page_bytes > kOrdinaryPageBytes ? std::optional(page_bytes) : std::nullopt;
}

/// The size of a cell's huge pages; nullopt: ordinary ones, or the host's default.
std::optional<std::uint64_t> page_size_of(unsigned cell, const std::vector<PageElement>& pages) {
  std::optional<std::uint64_t> size;
  for (const PageElement& page : pages) {
    if (page.cells && page.bytes && page.cells->contains(cell)) return large(*page.bytes);
    if (!page.cells) size = page.bytes;
  }
  return size ? large(*size) : std::nullopt;
}

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
      memory.emplace(0, *bytes - std::min(*bytes, plugged_memory(domain)));
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

std::vector<PageElement> page_elements(pugi::xml_node domain) {
  std::vector<PageElement> pages;
  for (const pugi::xml_node page : domain.child("memoryBacking").child("hugepages").children("page")) {
    PageElement element{bytes_from(page.attribute("size").value(), page.attribute("unit").value()), {}};
    if (const pugi::xml_attribute cells = page.attribute("nodeset"))
      element.cells = set_from(cells.value()).value_or(CpuSet{});
    pages.push_back(std::move(element));
  }
  return pages;
}

std::optional<MemoryNodes::Nodes> MemoryNodes::nodes_in(pugi::xml_node element) {
  const pugi::xml_attribute nodeset = element.attribute("nodeset");
  const auto nodes = nodeset ? set_from(nodeset.value()) : std::nullopt;
  if (!nodes) return std::nullopt;
  // "preferred" may take its memory from any other node too.
  return Nodes{*nodes, std::string_view(element.attribute("mode").value()) != "preferred"};
}

MemoryNodes::MemoryNodes(pugi::xml_node domain) {
  const pugi::xml_node numatune = domain.child("numatune");
  others_ = nodes_in(numatune.child("memory"));
  for (const pugi::xml_node memnode : numatune.children("memnode"))
    if (const auto cell = parse_any_base(memnode.attribute("cellid").value()))
      if (const auto nodes = nodes_in(memnode)) cells_.emplace(*cell, *nodes);
}

const MemoryNodes::Nodes* MemoryNodes::find(unsigned cell) const {
  const auto own = cells_.find(cell);
  if (own != cells_.end()) return &own->second;
  return others_ ? &*others_ : nullptr;
}

std::optional<CpuSet> MemoryNodes::of(unsigned cell) const {
  const Nodes* nodes = find(cell);
  return nodes && nodes->bound ? std::optional(nodes->nodes) : std::nullopt;
}

std::optional<CpuSet> MemoryNodes::preferred_of(unsigned cell) const {
  const Nodes* nodes = find(cell);
  return nodes ? std::optional(nodes->nodes) : std::nullopt;
}

std::vector<CellMemory> memory_of_cells(pugi::xml_node domain) {
  const std::vector<PageElement> pages = page_elements(domain);
  const MemoryNodes nodes(domain);
  std::vector<CellMemory> cells;
  for (const auto& [cell, bytes] : bytes_of_cells(domain))
    cells.push_back({bytes, page_size_of(cell, pages), nodes.of(cell)});
  return cells;
}

std::uint64_t plugged_memory(pugi::xml_node domain) {
  std::uint64_t sum = 0;
  for (const pugi::xml_node device : domain.child("devices").children("memory")) {
    const pugi::xml_node size = device.child("target").child("size");
    sum += std::min(bytes_from(size.child_value(), size.attribute("unit").value()).value_or(0),
                    UINT64_MAX - sum);
  }
  return sum;
}

void give_back_memory(const Domain& domain, std::vector<NumaNode>& nodes) {
  pugi::xml_document document;  // Without a live definition, or with a broken one, it holds nothing.
  parse_xml(domain.live_xml, document);
  for (const CellMemory& memory : memory_of_cells(document.child("domain"))) {
    if (!memory.nodes || memory.nodes->size() != 1) continue;
    const auto node = std::ranges::find(nodes, memory.nodes->front(), &NumaNode::id);
    if (node != nodes.end()) give_back(*node, memory);
  }
}

}  // namespace gpupass
