// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/prepare/pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/units.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/numa.hpp"
#include "values/round_up.hpp"
#include "values/sizes.hpp"

namespace gpupass {

namespace {

constexpr auto kPages = "huge pages";
/// Of each node's memory, what stays with the host at least: a sixteenth.
constexpr std::uint64_t kHostShare = 16;

using CountByNode = std::map<unsigned, unsigned>;

bool has_memory(const NumaNode& node) {
  return node.memory_bytes.value_or(0) > 0;
}

/// The node, or the nearest one with memory.
unsigned memory_node(const Host& host, unsigned id) {
  const NumaNode* nearest = nullptr;
  for (const NumaNode& node : *host.numa_nodes) {
    if (!has_memory(node)) continue;
    if (node.id == id) return id;
    const auto far = [&](const NumaNode& one) { return distance_of_nodes(host, id, one.id).value_or(255); };
    if (!nearest || far(node) < far(*nearest)) nearest = &node;
  }
  if (!nearest) refuse("reserve", kPages, "no NUMA node tells that it has memory");
  return nearest->id;
}

/// The GPUs that guests can have, by the nodes of their memory.
CountByNode gpus_by_node(const Host& host) {
  CountByNode gpus;
  for (const PciAddress address : gpus_to_check(host).gpus) {
    const Fact<int> node = nearest_numa_node(host, function_at(host, address));
    if (!node || *node < 0)
      refuse("reserve", kPages,
             fmt::format("the firmware does not say on which NUMA node {} is", address.to_string()),
             "gpupass check tells what can be done");
    ++gpus[memory_node(host, static_cast<unsigned>(*node))];
  }
  return gpus;
}

/// Takes the GPUs of one guest: from the node that has the fewest of those that have enough; else from the
/// nodes with the most.
CountByNode take(CountByNode& left, unsigned gpus) {
  const auto fewer = [](const auto& one, const auto& other) { return one.second < other.second; };
  CountByNode taken;
  while (gpus > 0) {
    auto from = left.end();
    for (auto node = left.begin(); node != left.end(); ++node)
      if (node->second >= gpus && (from == left.end() || fewer(*node, *from))) from = node;
    if (from == left.end()) from = std::ranges::max_element(left, fewer);
    const unsigned some = std::min(gpus, from->second);
    taken[from->first] += some;
    from->second -= some;
    gpus -= some;
  }
  return taken;
}

std::uint64_t page_size(const Host& host, const WantedGuests& guests) {
  const auto is_there = [&](std::uint64_t size) {
    return std::ranges::any_of(*host.numa_nodes, [&](const NumaNode& node) {
      return std::ranges::find(node.huge_pages, size, &HugePages::page_size_bytes) != node.huge_pages.end();
    });
  };
  if (guests.page_size_bytes == 0) {
    if (guests.memory_bytes % kGiB == 0 && is_there(kGiB)) return kGiB;
    for (const NumaNode& node : *host.numa_nodes)
      if (!node.huge_pages.empty()) return node.huge_pages.front().page_size_bytes;
  } else if (is_there(guests.page_size_bytes)) {
    return guests.page_size_bytes;
  }
  throw Error(ErrorCode::Usage, kPages,
              guests.page_size_bytes == 0
                  ? "cannot reserve huge pages: this host has none of any size"
                  : fmt::format("cannot reserve huge pages of {}: no node of this host has that size",
                                format_size(guests.page_size_bytes)));
}

/// The pages of what a guest has with so many of its GPUs.
std::uint64_t pages_of_share(const WantedGuests& guests, unsigned gpus, std::uint64_t size) {
  const std::uint64_t share = (guests.memory_bytes * gpus + guests.gpus - 1) / guests.gpus;
  return round_up(share, size) / size;
}

/// What stays for the host must be enough.
void expect_room(const Host& host, const std::vector<NodePages>& pages) {
  for (const NodePages& one : pages) {
    const std::uint64_t memory = find_node(host, one.node)->memory_bytes.value_or(0);
    const std::uint64_t most = memory - memory / kHostShare;
    if (one.count > most / one.page_size_bytes)
      refuse("reserve", kPages,
             fmt::format("the guests on node {} need {} MiB, and it has {} MiB, of which a sixteenth stays "
                         "with the host",
                         one.node, one.count * (one.page_size_bytes >> 20), memory >> 20),
             "ask for fewer guests, or for less memory");
  }
}

}  // namespace

std::vector<NodePages> pages_for(const Host& host, const WantedGuests& guests) {
  if (!host.numa_nodes || host.numa_nodes->empty())
    refuse("reserve", kPages, "the NUMA nodes of this host are not known", "gpupass -v check says why");
  CountByNode left = gpus_by_node(host);
  unsigned all = 0;
  for (const auto& [node, count] : left) all += count;
  if (std::uint64_t{guests.count} * guests.gpus > all)
    refuse("reserve", kPages,
           fmt::format("{} guests of {} GPUs need {}, and this host has {} for guests", guests.count,
                       guests.gpus, std::uint64_t{guests.count} * guests.gpus, all),
           "gpupass list shows them");
  const std::uint64_t size = page_size(host, guests);
  std::map<unsigned, std::uint64_t> counts;
  for (unsigned guest = 0; guest < guests.count; ++guest)
    for (const auto& [node, gpus] : take(left, guests.gpus))
      counts[node] += pages_of_share(guests, gpus, size);
  std::vector<NodePages> pages;
  for (const auto& [node, count] : counts) pages.push_back({node, size, count});
  expect_room(host, pages);
  return pages;
}

}  // namespace gpupass
