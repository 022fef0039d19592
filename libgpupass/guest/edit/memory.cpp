// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/memory.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "guest/edit/domain.hpp"
#include "guest/model/libvirt_values.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kMostThreads = 16;

/// Guest cells by the size of their huge pages. libvirt counts guest cells here, and host nodes in
/// <numatune>.
using CellsByPage = std::map<std::uint64_t, CpuSet>;

CellsByPage wanted_pages(const Placement& placement) {
  CellsByPage pages;
  for (unsigned cell = 0; cell < placement.cells.size(); ++cell)
    if (const std::uint64_t size = placement.cells[cell].page_size_bytes; size > kOrdinaryPageBytes)
      pages[size].insert(cell);
  return pages;
}

/// What <hugepages> says now; size 0 stands for what it leaves open or says in a way that is not understood.
CellsByPage present_pages(pugi::xml_node domain, const Placement& placement) {
  CellsByPage pages;
  CpuSet rest;
  for (unsigned cell = 0; cell < placement.cells.size(); ++cell) rest.insert(cell);
  const std::vector<PageElement> elements = page_elements(domain);
  for (const PageElement& page : elements)
    if (page.cells) {
      pages[page.bytes.value_or(0)] |= *page.cells;
      rest -= *page.cells;
    }
  const auto other =
      std::ranges::find_if(elements, [](const PageElement& page) { return !page.cells.has_value(); });
  // Where each <page> names its cells, the others have ordinary pages.
  if (rest.empty() || (other == elements.end() && !elements.empty())) return pages;
  pages[other == elements.end() ? 0 : other->bytes.value_or(0)] |= rest;
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

void remove_pages(Definition& text) {
  text.remove(text.child("memoryBacking").child("hugepages"));
  if (!has_content(text.child("memoryBacking"))) text.remove(text.child("memoryBacking"));
}

/// Of the cells that <hugepages> names, those remain that the guest has still.
void keep_pages(Definition& text, std::size_t cells) {
  const pugi::xml_node present = text.child("memoryBacking").child("hugepages");
  pugi::xml_node page = present.child("page");
  bool stays = !page;
  while (page) {
    const pugi::xml_node next = page.next_sibling("page");
    const pugi::xml_attribute cells_of_page = page.attribute("nodeset");
    const auto named = cells_of_page ? set_from(cells_of_page.value()) : std::nullopt;
    CpuSet left;
    for (const unsigned cell : named.value_or(CpuSet()))
      if (cell < cells) left.insert(cell);
    if (named && left.empty()) {
      text.remove(page);
    } else {
      stays = true;
      if (named && left != *named) text.set(page, "nodeset", left.to_string());
    }
    page = next;
  }
  if (present && !stays) remove_pages(text);
}

/// Huge pages of a size that the base leaves open may be reserved just before the guest starts: they stay,
/// unless ordinary pages are asked for.
void set_pages(Definition& text, const Request& request, const Placement& placement) {
  const CellsByPage pages = wanted_pages(placement);
  const pugi::xml_node present = text.child("memoryBacking").child("hugepages");
  if (pages.empty()) {
    if (!request.page_size_bytes) return keep_pages(text, placement.cells.size());
    if (present) remove_pages(text);
    return;
  }
  if (present && present_pages(text.root(), placement) == pages) return;
  pugi::xml_document scratch;
  pugi::xml_node backing = scratch.append_child("memoryBacking");
  write_pages(backing.append_child("hugepages"), pages, placement);
  if (text.child("memoryBacking"))
    text.put(text.child("memoryBacking"), backing.child("hugepages"));
  else
    text.insert(text.root(), backing);
}

void set_size(Definition& text, const char* name, std::uint64_t bytes) {
  if (const pugi::xml_node present = text.child(name); present && bytes_of(present) == bytes) return;
  const Size size = size_of(bytes);
  text.set(text.write(name, size.number), "unit", size.unit);
}

/// libvirt gives a whole guest no more than one preferred node; each cell may still have its own.
void set_nodes(Definition& text, const Request& request, const Placement& placement) {
  const char* mode = request.numa == NumaPolicy::Preferred ? "preferred" : "strict";
  CpuSet nodes;
  for (const Cell& cell : placement.cells) nodes.insert(cell.node);
  pugi::xml_document scratch;
  pugi::xml_node numatune = scratch.append_child("numatune");
  if (request.numa != NumaPolicy::Preferred || nodes.size() == 1) {
    pugi::xml_node memory = numatune.append_child("memory");
    memory.append_attribute("mode") = mode;
    memory.append_attribute("nodeset") = nodes.to_string().c_str();
  }
  for (unsigned cell = 0; cell < placement.cells.size(); ++cell) {
    pugi::xml_node memnode = numatune.append_child("memnode");
    memnode.append_attribute("cellid") = cell;
    memnode.append_attribute("mode") = mode;
    memnode.append_attribute("nodeset") = placement.cells[cell].node;
  }
  text.put(text.root(), numatune);
}

/// Huge pages are taken when the guest starts, by as many threads as the guest has vCPUs: their CPUs have
/// nothing else to do yet.
void set_allocation(Definition& text, const Placement& placement) {
  if (wanted_pages(placement).empty() || text.child("memoryBacking").child("allocation")) return;
  pugi::xml_document scratch;
  pugi::xml_node allocation = scratch.append_child("allocation");
  allocation.append_attribute("mode") = "immediate";
  allocation.append_attribute("threads") =
      std::clamp<std::size_t>(placement.vcpu_pins.size(), 1, kMostThreads);
  text.insert(text.child("memoryBacking"), allocation);
}

/// Memory devices of a cell that the guest no longer has go to its first one.
void aim_plugged_memory(Definition& text, std::size_t cells) {
  for (const pugi::xml_node device : text.child("devices").children("memory")) {
    const pugi::xml_node target = device.child("target");
    if (target.child("node").text().as_uint() < cells) continue;
    pugi::xml_document scratch;
    pugi::xml_node node = scratch.append_child("node");
    node.text() = 0;
    text.put(target, node);
  }
}

}  // namespace

void set_memory(Definition& text, const Request& request, const Placement& placement) {
  std::uint64_t bytes = 0;
  for (const Cell& cell : placement.cells) bytes += cell.memory_bytes;
  bytes += plugged_memory(text.root());
  set_size(text, "memory", bytes);
  if (const auto most = bytes_of(text.child("maxMemory")); most && *most < bytes)
    set_size(text, "maxMemory", bytes);
  aim_plugged_memory(text, placement.cells.size());
  // Where it is less than the memory, a balloon makes up the difference, and memory for a device cannot be
  // taken back.
  if (text.child("currentMemory")) set_size(text, "currentMemory", bytes);
  set_pages(text, request, placement);
  set_allocation(text, placement);
  set_nodes(text, request, placement);
}

}  // namespace gpupass
