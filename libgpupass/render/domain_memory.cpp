// SPDX-License-Identifier: LGPL-2.1-or-later
#include <map>
#include <string_view>
#include <vector>

#include "render/domain.hpp"
#include "render/domain_values.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kOrdinaryPage = 4096;

/// Guest cells by the size of their huge pages. libvirt counts guest cells here, and host nodes in
/// <numatune>.
using CellsByPage = std::map<std::uint64_t, CpuSet>;

CellsByPage wanted_pages(const Placement& placement) {
  CellsByPage pages;
  for (unsigned cell = 0; cell < placement.cells.size(); ++cell)
    if (const std::uint64_t size = placement.cells[cell].page_size_bytes; size > kOrdinaryPage)
      pages[size].insert(cell);
  return pages;
}

/// What <hugepages> says now; size 0 stands for what it leaves open or says in a way that is not understood.
CellsByPage present_pages(pugi::xml_node hugepages, const Placement& placement) {
  CellsByPage pages;
  CpuSet rest;
  for (unsigned cell = 0; cell < placement.cells.size(); ++cell) rest.insert(cell);
  for (const pugi::xml_node page : hugepages.children("page"))
    if (const pugi::xml_attribute nodes = page.attribute("nodeset")) {
      const CpuSet cells = CpuSet::parse(nodes.value()).value_or(CpuSet{});
      pages[bytes_from(page.attribute("size").value(), page.attribute("unit").value()).value_or(0)] |= cells;
      rest -= cells;
    }
  if (rest.empty()) return pages;
  const pugi::xml_node other = hugepages.find_child([](pugi::xml_node child) {
    return std::string_view(child.name()) == "page" && !child.attribute("nodeset");
  });
  pages[bytes_from(other.attribute("size").value(), other.attribute("unit").value()).value_or(0)] |= rest;
  return pages;
}

void write_pages(pugi::xml_node hugepages, const CellsByPage& pages, const Placement& placement) {
  for (const auto& [bytes, cells] : pages) {
    pugi::xml_node page = hugepages.append_child("page");
    const Size size = size_of(bytes);
    page.append_attribute("size") = size.number.c_str();
    page.append_attribute("unit") = size.unit.c_str();
    if (cells.size() != placement.cells.size()) page.append_attribute("nodeset") = cells.to_string().c_str();
  }
}

bool has_content(pugi::xml_node element) {
  for (const pugi::xml_node child : element.children())
    if (child.type() != pugi::node_pcdata) return true;
  return false;
}

void set_pages(DomainText& text, const Placement& placement) {
  const CellsByPage pages = wanted_pages(placement);
  const pugi::xml_node present = text.child("memoryBacking").child("hugepages");
  if (pages.empty()) {
    if (!present) return;
    text.remove(present);
    if (!has_content(text.child("memoryBacking"))) text.remove(text.child("memoryBacking"));
    return;
  }
  if (present && present_pages(present, placement) == pages) return;
  pugi::xml_document scratch;
  pugi::xml_node backing = scratch.append_child("memoryBacking");
  write_pages(backing.append_child("hugepages"), pages, placement);
  if (text.child("memoryBacking"))
    text.put(text.child("memoryBacking"), backing.child("hugepages"));
  else
    text.insert(text.root(), backing);
}

void set_size(DomainText& text, const char* name, std::uint64_t bytes) {
  if (const pugi::xml_node present = text.child(name); present && bytes_of(present) == bytes) return;
  const Size size = size_of(bytes);
  text.write(name, size.number);
  text.set(text.child(name), "unit", size.unit);
}

void set_nodes(DomainText& text, const Placement& placement) {
  CpuSet nodes;
  for (const Cell& cell : placement.cells) nodes.insert(cell.node);
  pugi::xml_document scratch;
  pugi::xml_node numatune = scratch.append_child("numatune");
  pugi::xml_node memory = numatune.append_child("memory");
  memory.append_attribute("mode") = "strict";
  memory.append_attribute("nodeset") = nodes.to_string().c_str();
  for (unsigned cell = 0; cell < placement.cells.size(); ++cell) {
    pugi::xml_node memnode = numatune.append_child("memnode");
    memnode.append_attribute("cellid") = cell;
    memnode.append_attribute("mode") = "strict";
    memnode.append_attribute("nodeset") = placement.cells[cell].node;
  }
  text.put(text.root(), numatune);
}

}  // namespace

void set_memory(DomainText& text, const Placement& placement) {
  std::uint64_t bytes = 0;
  for (const Cell& cell : placement.cells) bytes += cell.memory_bytes;
  set_size(text, "memory", bytes);
  // Where it is less than the memory, a balloon makes up the difference, and memory for a device cannot be
  // taken back.
  if (text.child("currentMemory")) set_size(text, "currentMemory", bytes);
  set_pages(text, placement);
  set_nodes(text, placement);
}

}  // namespace gpupass
