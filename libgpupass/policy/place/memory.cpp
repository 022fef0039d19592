// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "gpupass/error.hpp"
#include "gpupass/units.hpp"
#include "policy/place/no_room.hpp"
#include "values/round_up.hpp"
#include "values/sizes.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kOrdinaryPage = 4096;  // x86_64

using Nodes = std::vector<const NumaNode*>;
using Weights = std::vector<std::uint64_t>;
using Shares = std::optional<std::vector<MemoryShare>>;

/// In whole MiB: nobody reads bytes.
std::string rough(std::uint64_t bytes) {
  return format_size(bytes / kMiB * kMiB);
}

bool ordinary(std::uint64_t page) {
  return page == 0 || page == kOrdinaryPage;
}

/// What a node's part is a multiple of.
std::uint64_t unit_of(std::uint64_t page) {
  return ordinary(page) ? kMiB : page;
}

/// What must stay free beside a guest's own memory: QEMU itself, the tables that map the memory for the guest
/// and for its devices, and the kernel's watermarks. All of the guest's memory is pinned, so nothing can be
/// swapped.
std::uint64_t headroom(std::uint64_t bytes) {
  return 128 * kMiB + bytes / 64;
}

HugePages pool_of(const NumaNode& node, std::uint64_t size) {
  const auto pool = std::ranges::find(node.huge_pages, size, &HugePages::page_size_bytes);
  return pool == node.huge_pages.end() ? HugePages{size, 0, 0} : *pool;
}

/// How much of a guest the node can hold in such pages.
std::uint64_t room(const NumaNode& node, std::uint64_t page) {
  if (!ordinary(page)) {
    const std::uint64_t free = pool_of(node, page).free;
    return free > UINT64_MAX / page ? UINT64_MAX : free * page;
  }
  if (!node.free_bytes) return UINT64_MAX;  // Whether it has is not known.
  return without_headroom(*node.free_bytes);
}

bool fits(const NumaNode& node, std::uint64_t bytes, std::uint64_t page) {
  if (!ordinary(page)) return bytes % page == 0 && bytes <= room(node, page);
  return !node.free_bytes || (bytes < *node.free_bytes && headroom(bytes) <= *node.free_bytes - bytes);
}

/// Page sizes to try, the largest first: all of a guest's memory is pinned, so larger is better.
std::set<std::uint64_t, std::greater<>> huge_sizes(const Nodes& nodes, const MemoryRequest& request) {
  std::set<std::uint64_t, std::greater<>> sizes;
  if (request.page_size_bytes) {
    if (!ordinary(*request.page_size_bytes)) sizes.insert(*request.page_size_bytes);
    return sizes;
  }
  for (const NumaNode* node : nodes)
    for (const HugePages& pool : node->huge_pages)
      if (pool.page_size_bytes > kOrdinaryPage && pool.free > 0) sizes.insert(pool.page_size_bytes);
  return sizes;
}

/// Whole pages by weight, on every node.
Shares even(const Nodes& nodes, const Weights& weights, const MemoryRequest& request, std::uint64_t page) {
  if (request.bytes % page != 0 || request.bytes / page < nodes.size()) return std::nullopt;
  const Weights pages = by_weight(request.bytes / page, weights);
  std::vector<MemoryShare> shares;
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    if (pages[at] == 0 || !fits(*nodes[at], pages[at] * page, page)) return std::nullopt;
    shares.push_back({pages[at] * page, page});
  }
  return shares;
}

/// By weight, in the best pages that each node has for its part.
Shares even_of_any(const Nodes& nodes, const Weights& weights, const MemoryRequest& request) {
  const Weights parts = by_weight(request.bytes / kMiB, weights);
  std::vector<MemoryShare> shares;
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    const auto share = share_on(*nodes[at], {request.guest, parts[at] * kMiB, request.page_size_bytes});
    if (parts[at] == 0 || !share) return std::nullopt;
    shares.push_back(*share);
  }
  return shares;
}

/// By weight as far as each node has room, and what is over where there is room left.
Shares uneven(const Nodes& nodes, const Weights& weights, const MemoryRequest& request, std::uint64_t page) {
  const std::uint64_t unit = unit_of(page);
  if (request.bytes % unit != 0 || request.bytes / unit < nodes.size()) return std::nullopt;
  std::vector<std::uint64_t> units(nodes.size(), 1), most;
  for (const NumaNode* node : nodes) most.push_back(room(*node, page) / unit);
  if (std::ranges::find(most, 0U) != most.end()) return std::nullopt;
  std::uint64_t left = request.bytes / unit - nodes.size();
  while (left > 0) {
    Weights open = weights;
    for (std::size_t at = 0; at < nodes.size(); ++at)
      if (units[at] == most[at]) open[at] = 0;
    if (std::accumulate(open.begin(), open.end(), std::uint64_t{0}) == 0) return std::nullopt;
    const Weights more = by_weight(left, open);
    for (std::size_t at = 0; at < nodes.size(); ++at) {
      const std::uint64_t taken = std::min(more[at], most[at] - units[at]);
      units[at] += taken;
      left -= taken;
    }
  }
  std::vector<MemoryShare> shares;
  for (const std::uint64_t count : units)
    shares.push_back({count * unit, ordinary(page) ? kOrdinaryPage : page});
  return shares;
}

/// The pages in which the node holds most of the guest.
std::uint64_t roomiest(const NumaNode& node, const MemoryRequest& request) {
  const bool any = !request.page_size_bytes || ordinary(*request.page_size_bytes);
  std::uint64_t best = any ? kOrdinaryPage : *request.page_size_bytes;
  for (const std::uint64_t page : huge_sizes({&node}, request))
    if (room(node, page) > room(node, best)) best = page;
  return best;
}

/// In the pages of which each node has most: what it can take of the largest pages first, as the smaller ones
/// fill any rest.
Shares mixed(const Nodes& nodes, const MemoryRequest& request) {
  std::vector<MemoryShare> shares;
  std::vector<std::size_t> order;
  std::uint64_t given = 0;
  for (const NumaNode* node : nodes) {
    const std::uint64_t page = roomiest(*node, request), unit = unit_of(page);
    if (room(*node, page) < unit || request.bytes - given < unit) return std::nullopt;
    order.push_back(shares.size());
    shares.push_back({unit, page});
    given += unit;
  }
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](std::size_t at) { return shares[at].page_size_bytes; });
  for (const std::size_t at : order) {
    MemoryShare& share = shares[at];
    const std::uint64_t unit = unit_of(share.page_size_bytes),
                        free = room(*nodes[at], share.page_size_bytes) - share.bytes,
                        more = std::min(free, request.bytes - given) / unit * unit;
    share.bytes += more;
    given += more;
  }
  return given == request.bytes ? Shares(std::move(shares)) : std::nullopt;
}

}  // namespace

std::vector<std::uint64_t> by_weight(std::uint64_t total, const std::vector<std::uint64_t>& weights) {
  const std::uint64_t sum = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  std::vector<std::uint64_t> parts(weights.size(), 0);
  if (sum == 0) return parts;
  std::uint64_t given = 0;
  std::vector<std::pair<std::uint64_t, std::size_t>> remainders;
  for (std::size_t at = 0; at < weights.size(); ++at) {
    // Without overflow for any real memory: total / sum first.
    parts[at] = total / sum * weights[at] + total % sum * weights[at] / sum;
    given += parts[at];
    remainders.emplace_back(total % sum * weights[at] % sum, at);
  }
  std::ranges::sort(remainders, [](const auto& one, const auto& other) {
    return one.first != other.first ? one.first > other.first : one.second < other.second;
  });
  for (std::size_t at = 0; given < total; ++at, ++given) ++parts[remainders[at].second];
  return parts;
}

void check_memory(const MemoryRequest& request) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;
  if (request.bytes == 0 || request.bytes % kMiB != 0 || request.bytes > kMost)
    throw Error(ErrorCode::Usage, request.guest,
                fmt::format("cannot place {}: saw {} bytes of memory, expected a whole number of MiB, at "
                            "least one, below 1 EiB",
                            request.guest, request.bytes),
                request.bytes < kMiB ? fmt::format("{}G is {} GiB", request.bytes, request.bytes) : "");
  const std::uint64_t page = request.page_size_bytes.value_or(0);
  if (!ordinary(page) && request.bytes % page != 0)
    throw Error(ErrorCode::Usage, request.guest,
                fmt::format("cannot place {}: saw {} of memory, expected a whole number of {} pages",
                            request.guest, format_size(request.bytes), format_size(page)),
                fmt::format("--memory {} is one", format_size(round_up(request.bytes, page))));
}

std::optional<std::vector<MemoryShare>> split_memory(const std::vector<const NumaNode*>& nodes,
                                                     const std::vector<std::uint64_t>& weights,
                                                     const MemoryRequest& request) {
  const auto sizes = huge_sizes(nodes, request);
  const bool any = !request.page_size_bytes || ordinary(*request.page_size_bytes);
  for (const std::uint64_t page : sizes)
    if (auto shares = even(nodes, weights, request, page)) return shares;
  if (any)
    if (auto shares = even_of_any(nodes, weights, request)) return shares;
  if (nodes.size() == 1) return std::nullopt;
  for (const std::uint64_t page : sizes)
    if (auto shares = uneven(nodes, weights, request, page)) return shares;
  if (any)
    if (auto shares = uneven(nodes, weights, request, kOrdinaryPage)) return shares;
  return mixed(nodes, request);
}

std::uint64_t memory_room(const NumaNode& node, const MemoryRequest& request) {
  const std::uint64_t page = roomiest(node, request), unit = unit_of(page);
  return room(node, page) / unit * unit;
}

std::uint64_t least_page(const MemoryRequest& request) {
  return unit_of(request.page_size_bytes.value_or(0));
}

std::uint64_t with_headroom(std::uint64_t bytes) {
  return bytes + headroom(bytes);
}

std::uint64_t without_headroom(std::uint64_t bytes) {
  return bytes < 128 * kMiB ? 0 : (bytes - 128 * kMiB) / 65 * 64;
}

std::optional<MemoryShare> share_on(const NumaNode& node, const MemoryRequest& request) {
  for (const std::uint64_t page : huge_sizes({&node}, request))
    if (fits(node, request.bytes, page)) return MemoryShare{request.bytes, page};
  const bool any = !request.page_size_bytes || ordinary(*request.page_size_bytes);
  if (any && fits(node, request.bytes, kOrdinaryPage)) return MemoryShare{request.bytes, kOrdinaryPage};
  return std::nullopt;
}

std::string pages_text(const NumaNode& node, const MemoryShare& share, const MemoryRequest& request) {
  if (!ordinary(share.page_size_bytes))
    return fmt::format("{} of {} free pages of {} on node {}", share.bytes / share.page_size_bytes,
                       pool_of(node, share.page_size_bytes).free, format_size(share.page_size_bytes),
                       node.id);
  const std::string why =
      request.page_size_bytes
          ? "ordinary pages, as asked"
          : fmt::format("ordinary pages, because node {} has too few free huge pages", node.id);
  if (!node.free_bytes)
    return fmt::format("{}; it is not known whether node {} has {} free", why, node.id,
                       format_size(share.bytes));
  return fmt::format("{}; node {} has {:.1f} GiB free", why, node.id,
                     static_cast<double>(*node.free_bytes) / static_cast<double>(kGiB));
}

Finding memory_short(const NumaNode& node, const MemoryRequest& request) {
  const std::uint64_t page = request.page_size_bytes.value_or(0);
  if (!ordinary(page)) {
    const HugePages pages = pool_of(node, page);
    const std::uint64_t needed = (request.bytes + page - 1) / page;
    const std::uint64_t more = needed > pages.free ? needed - pages.free : 0;
    return no_room(request.guest,
                   fmt::format("on node {}: saw {} free pages of {} (of {}), expected {}, {} more", node.id,
                               pages.free, format_size(page), pages.total, needed, more),
                   fmt::format("reserve them until the next boot: echo {} > "
                               "/sys/devices/system/node/node{}/hugepages/hugepages-{}kB/nr_hugepages",
                               pages.total + more, node.id, page / 1024));
  }
  const std::uint64_t needed = request.bytes + headroom(request.bytes), free = node.free_bytes.value_or(0);
  return no_room(
      request.guest,
      fmt::format("on node {}: saw {} of free memory, expected {} ({} and {} beside it), {} more", node.id,
                  rough(free), rough(needed), format_size(request.bytes), rough(headroom(request.bytes)),
                  rough(needed - std::min(free, needed) + kMiB - 1)),
      "files that the kernel keeps in memory count as used: /proc/sys/vm/drop_caches frees them");
}

}  // namespace gpupass
