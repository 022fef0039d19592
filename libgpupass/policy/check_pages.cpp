// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/libvirt_values.hpp"
#include "gpupass/units.hpp"
#include "policy/check_domain.hpp"

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

  /// nullopt: ordinary pages, or the host's default huge pages, whose size is not known.
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
std::map<unsigned, std::uint64_t> memory_of_cells(pugi::xml_node domain) {
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

/// The pages of one size that are free on all of these nodes; nullopt where that is not known.
std::optional<std::uint64_t> free_pages(const Host& host, const CpuSet& nodes, std::uint64_t size) {
  if (!host.numa_nodes) return std::nullopt;
  std::uint64_t free = 0;
  for (const NumaNode& node : *host.numa_nodes) {
    if (!nodes.contains(node.id)) continue;
    if (node.huge_pages.empty()) return std::nullopt;
    const auto pool = std::ranges::find(node.huge_pages, size, &HugePages::page_size_bytes);
    if (pool != node.huge_pages.end()) free += pool->free;
  }
  return free;
}

struct Excuse {
  Verdict verdict = Verdict::Fail;
  std::string words;
};

/// A guest that runs holds pages which are free when it starts again.
Excuse excuse_of(const Host& host, const std::string& guest) {
  if (host.domains.absent()) return {};
  if (!host.domains) return {Verdict::Warn, "; whether the guest runs and holds them itself is not known"};
  const Domain* present = find_domain(host, guest);
  if (present && present->active) return {Verdict::Warn, "; the guest runs, and gives its own back first"};
  return {};
}

}  // namespace

void check_pages(DomainCheck& check) {
  const PageSizes sizes(check.domain().child("memoryBacking").child("hugepages"));
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> needed;  // Pages by nodes and size.
  for (const auto& [cell, bytes] : memory_of_cells(check.domain())) {
    const auto size = sizes.of(cell);
    const auto nodes = check.backing_of(cell);
    if (!size || !nodes) continue;
    std::uint64_t& pages = needed[{nodes->to_string(), *size}];
    pages += std::min(bytes / *size + (bytes % *size != 0 ? 1 : 0), UINT64_MAX - pages);
  }
  for (const auto& [where, pages] : needed) {
    const auto& [nodes, size] = where;
    const auto free = free_pages(check.host(), *CpuSet::parse(nodes), size);
    if (!free || *free >= pages) continue;
    const Excuse excuse = excuse_of(check.host(), check.name());
    check.add(
        "domain.pages-short", excuse.verdict, check.name(),
        fmt::format("it needs {} pages of {} from node {}, where {} are free, {} too few{}", pages,
                    format_size(size), nodes, *free, pages - *free, excuse.words),
        fmt::format("reserve them: /sys/devices/system/node/node*/hugepages/hugepages-{}kB/nr_hugepages",
                    size / 1024));
  }
}

}  // namespace gpupass
