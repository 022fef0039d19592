// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place_memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/units.hpp"

namespace gpupass {

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kOrdinaryPage = 4096;  // x86_64

/// In whole MiB: nobody reads bytes.
std::string rough(std::uint64_t bytes) {
  return format_size(bytes / kMiB * kMiB);
}

/// What must stay free beside a guest's own memory: QEMU itself, the tables that map the memory for the guest
/// and for its devices, and the kernel's watermarks. All of the guest's memory is pinned, so nothing can be
/// swapped.
std::uint64_t headroom(const MemoryRequest& request) {
  return 128 * kMiB + request.bytes / 64;
}

MemoryChoice huge_pages(const NumaNode& node, const MemoryRequest& request, std::uint64_t size) {
  if (request.bytes % size != 0)
    throw Error(ErrorCode::Usage, request.guest,
                fmt::format("cannot place {}: saw {} of memory, expected a whole number of {} pages",
                            request.guest, format_size(request.bytes), format_size(size)));
  const auto pool = std::ranges::find(node.huge_pages, size, &HugePages::page_size_bytes);
  const HugePages pages = pool == node.huge_pages.end() ? HugePages{size, 0, 0} : *pool;
  const std::uint64_t needed = request.bytes / size;
  if (pages.free < needed)
    throw Error(
        ErrorCode::Refused, request.guest,
        fmt::format("cannot place {} on node {}: saw {} free pages of {} (of {}), expected {}, {} more",
                    request.guest, node.id, pages.free, format_size(size), pages.total, needed,
                    needed - pages.free),
        fmt::format("reserve them: /sys/devices/system/node/node{}/hugepages/hugepages-{}kB/nr_hugepages",
                    node.id, size / 1024));
  return {size, fmt::format("{} of {} free pages of {} on node {}", needed, pages.free, format_size(size),
                            node.id)};
}

MemoryChoice ordinary_pages(const NumaNode& node, const MemoryRequest& request, const std::string& why) {
  if (!node.free_bytes)
    return {kOrdinaryPage, fmt::format("{}; whether node {} has {} free is not known", why, node.id,
                                       format_size(request.bytes))};
  const std::uint64_t needed = request.bytes + headroom(request);
  if (*node.free_bytes < needed)
    throw Error(
        ErrorCode::Refused, request.guest,
        fmt::format("cannot place {} on node {}: saw {} of free memory, expected {} ({} and {} beside it), "
                    "{} more",
                    request.guest, node.id, rough(*node.free_bytes), rough(needed),
                    format_size(request.bytes), rough(headroom(request)),
                    rough(needed - *node.free_bytes + kMiB - 1)),
        "files that the kernel keeps in memory count as used: /proc/sys/vm/drop_caches lets them go");
  constexpr double kGiB = 1024.0 * kMiB;
  return {kOrdinaryPage, fmt::format("{}; node {} has {:.1f} GiB free", why, node.id,
                                     static_cast<double>(*node.free_bytes) / kGiB)};
}

bool suffices(const HugePages& pages, const MemoryRequest& request) {
  return pages.page_size_bytes > kOrdinaryPage && request.bytes % pages.page_size_bytes == 0 &&
         pages.free >= request.bytes / pages.page_size_bytes;
}

/// The largest huge pages that hold it all; guests with a GPU have their memory pinned, so larger is better.
MemoryChoice best_pages(const NumaNode& node, const MemoryRequest& request) {
  for (auto pages = node.huge_pages.rbegin(); pages != node.huge_pages.rend(); ++pages)
    if (suffices(*pages, request)) return huge_pages(node, request, pages->page_size_bytes);
  return ordinary_pages(node, request,
                        fmt::format("ordinary pages, as node {} has not enough free huge pages", node.id));
}

}  // namespace

MemoryChoice choose_memory(const NumaNode& node, const MemoryRequest& request) {
  if (request.bytes == 0 || request.bytes % kMiB != 0)
    throw Error(
        ErrorCode::Usage, request.guest,
        fmt::format("cannot place {}: saw {} bytes of memory, expected a whole number of MiB, at least one",
                    request.guest, request.bytes));
  if (!request.page_size_bytes) return best_pages(node, request);
  if (*request.page_size_bytes == 0 || *request.page_size_bytes == kOrdinaryPage)
    return ordinary_pages(node, request, "ordinary pages, as asked");
  return huge_pages(node, request, *request.page_size_bytes);
}

}  // namespace gpupass
