// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <map>
#include <set>

#include "policy/place/guests.hpp"

namespace gpupass {

namespace {

using Wanted = std::vector<const Guest*>;

/// All that a node has, in pages of any size.
std::uint64_t memory_of(const NumaNode& node) {
  std::uint64_t memory = node.free_bytes.value_or(UINT64_MAX);
  for (const HugePages& pool : node.huge_pages) memory = memory_sum(memory, pool.free * pool.page_size_bytes);
  return memory;
}

/// What the guests could use. Those that keep to the nodes of their GPUs use no other.
Amounts all_of(const std::vector<FreeResources>& hosts, const Wanted& wanted) {
  const bool near = std::ranges::all_of(wanted, [](const Guest* guest) {
    return guest->problem.numa == NumaPolicy::Required && guest->problem.guest_needs.cells.empty();
  });
  Amounts all;
  for (const FreeResources& host : hosts) {
    all.gpus += host.gpus.size();
    for (std::size_t node = 0; node < host.nodes.size(); ++node)
      if (!near || std::ranges::find(host.gpus, node, &FreeDevice::node) != host.gpus.end())
        all += {0, threads_of(host.nodes[node], kAnyKind), memory_of(host.nodes[node].node)};
  }
  return all;
}

/// The most GPUs of `most` that guests of these sizes take, however many there are of each.
std::size_t filled(std::size_t most, const std::set<std::size_t>& sizes) {
  std::vector<bool> reached(most + 1, false);
  reached[0] = true;
  for (std::size_t gpus = 1; gpus <= most; ++gpus)
    reached[gpus] =
        std::ranges::any_of(sizes, [&](std::size_t size) { return size <= gpus && reached[gpus - size]; });
  while (!reached[most]) --most;
  return most;
}

std::uint64_t filled_gpus(const std::vector<FreeResources>& hosts, const Wanted& wanted) {
  std::set<std::size_t> sizes;
  for (const Guest* guest : wanted) sizes.insert(guest->problem.gpus);
  std::map<std::size_t, std::size_t> known;
  std::uint64_t sum = 0;
  for (const FreeResources& host : hosts) {
    const auto [most, fresh] = known.emplace(host.gpus.size(), 0);
    if (fresh) most->second = filled(host.gpus.size(), sizes);
    sum += most->second;
  }
  return sum;
}

/// The most GPUs of guests that share this much of one resource, which could be cut at will.
std::uint64_t gpus_by(std::size_t resource, const Amounts& all, Wanted wanted) {
  const auto need = [&](const Guest* guest) { return static_cast<double>(guest->needs.each()[resource]); };
  const auto gpus = [](const Guest* guest) { return static_cast<double>(guest->needs.gpus); };
  std::ranges::sort(wanted, {}, [&](const Guest* guest) { return need(guest) / gpus(guest); });
  double left = static_cast<double>(all.each()[resource]), sum = 0;
  for (const Guest* guest : wanted) {
    const double part = std::min(1.0, left / need(guest));
    sum += part * gpus(guest);
    left -= part * need(guest);
    if (part < 1) break;
  }
  return static_cast<std::uint64_t>(sum + 1e-6);
}

std::size_t guests_by(std::size_t resource, const Amounts& all, Wanted wanted) {
  const auto need = [&](const Guest* guest) { return guest->needs.each()[resource]; };
  std::ranges::sort(wanted, {}, need);
  std::uint64_t left = all.each()[resource];
  std::size_t count = 0;
  while (count < wanted.size() && need(wanted[count]) <= left) left -= need(wanted[count++]);
  return count;
}

}  // namespace

Score most_packed(const std::vector<FreeResources>& hosts, const std::vector<Guest>& guests) {
  Wanted wanted;
  for (const Guest& guest : guests)
    if (guest.possible) wanted.push_back(&guest);
  const Amounts all = all_of(hosts, wanted);
  Score most{filled_gpus(hosts, wanted), wanted.size()};
  for (std::size_t resource = 0; resource < all.each().size(); ++resource) {
    most.gpus = std::min(most.gpus, gpus_by(resource, all, wanted));
    most.guests = std::min(most.guests, guests_by(resource, all, wanted));
  }
  return most;
}

}  // namespace gpupass
