// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "gpupass/units.hpp"
#include "guest/check/domain_check.hpp"
#include "guest/model/memory.hpp"

namespace gpupass {

namespace {

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
  if (!host.domains) return {Verdict::Warn, "; it is not known whether the guest runs and holds them itself"};
  const Domain* present = find_domain(host, guest);
  if (present && present->active) return {Verdict::Warn, "; the guest runs, and frees its own pages first"};
  return {};
}

}  // namespace

namespace {

/// Pages of the host's default size, which the definition leaves open.
void check_default_pages(DomainCheck& check) {
  const pugi::xml_node huge = check.domain().child("memoryBacking").child("hugepages");
  if (!huge || huge.child("page") || !check.host().numa_nodes) return;
  std::uint64_t needed = 0, most = 0;
  CpuSet nodes;
  for (const CellMemory& cell : memory_of_cells(check.domain())) {
    if (!cell.nodes) return;
    needed += std::min(cell.bytes, UINT64_MAX - needed);
    nodes |= *cell.nodes;
  }
  for (const NumaNode& node : *check.host().numa_nodes)
    for (const HugePages& pool : node.huge_pages)
      if (const auto free = free_pages(check.host(), nodes, pool.page_size_bytes))
        most = std::max(most, *free * pool.page_size_bytes);
  if (most < needed)
    check.add(
        "domain.pages-short", Verdict::Warn, check.name(),
        fmt::format("it has its memory, {}, in huge pages of the host's default size; no more than {} of one "
                    "size are free now on node {}",
                    format_size(needed), format_size(most), nodes.to_string()),
        "reserve them before the guest starts, or use --hugepages off");
}

}  // namespace

void check_pages(DomainCheck& check) {
  check_default_pages(check);
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> needed;  // Pages by nodes and size.
  for (const auto& [bytes, size, nodes] : memory_of_cells(check.domain())) {
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
