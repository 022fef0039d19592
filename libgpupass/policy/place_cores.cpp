// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place_cores.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

using Cores = std::vector<Core>;

/// The cores of a node, by whether a guest may have them.
struct Stock {
  Cores free;
  unsigned pinned = 0, reserved = 0, isolated = 0;  ///< Cores that are not free, and why not.
  CpuSet host_cpus;  ///< CPUs that no guest is pinned to and that are not isolated.
};

CpuSet cpus_of_other_guests(const Host& host, const std::string& guest) {
  CpuSet pinned;
  if (host.domains)
    for (const Domain& domain : *host.domains)
      if (domain.name != guest) pinned |= domain.pinned_cpus;
  return pinned;
}

/// A core counts as taken when one of its siblings is: two guests never share a core.
Stock take_stock(const Host& host, const NumaNode& node, const CoreRequest& request) {
  const CpuSet pinned = cpus_of_other_guests(host, request.guest);
  Stock stock;
  for (const Core& core : host.cpus->cores) {
    const CpuSet online = core.cpus - host.offline_cpus;
    if (online.empty() || !node.cpus.contains(online)) continue;
    if (online.intersects(pinned))
      ++stock.pinned;
    else if (online.intersects(host.isolated_cpus))
      ++stock.isolated;
    else if (online.intersects(request.reserved))
      ++stock.reserved;
    else
      stock.free.push_back(Core{online});
  }
  stock.host_cpus = (node.cpus & host.cpus->cpus) - host.offline_cpus - pinned - host.isolated_cpus;
  return stock;
}

std::size_t threads_of(const Cores& cores) {
  std::size_t threads = 0;
  for (const Core& core : cores) threads += core.cpus.size();
  return threads;
}

/// The host's own: what the request reserves on this node, else the lowest free core, where interrupts
/// and the kernel's housekeeping are at home.
CpuSet keep_for_host(Stock& stock, const CpuSet& reserved) {
  if (CpuSet kept = stock.host_cpus & reserved; !kept.empty()) return kept;
  if (stock.free.empty()) return {};
  CpuSet kept = stock.free.front().cpus;
  stock.free.erase(stock.free.begin());
  return kept;
}

/// Free cores by the last-level cache above them; cores without a known one are a group of their own.
std::vector<Cores> by_cache(const Cores& cores, const std::vector<Cache>& caches) {
  std::vector<Cores> groups(caches.size() + 1);
  for (const Core& core : cores) {
    const auto cache =
        std::ranges::find_if(caches, [&](const Cache& at) { return at.cpus.contains(core.cpus); });
    groups[static_cast<std::size_t>(cache - caches.begin())].push_back(core);
  }
  std::erase_if(groups, [](const Cores& group) { return group.empty(); });
  return groups;
}

struct Picked {
  Cores cores;
  unsigned caches = 0;
};

/// As few caches as possible: the fullest ones whole, and for the rest the one that it leaves least over.
Picked pick(std::vector<Cores> groups, std::size_t count) {
  Picked picked;
  while (picked.cores.size() < count) {
    const std::size_t missing = count - picked.cores.size();
    const auto better = [missing](const Cores& left, const Cores& right) {
      const bool left_holds = left.size() >= missing, right_holds = right.size() >= missing;
      if (left_holds != right_holds) return left_holds;
      return left_holds ? left.size() < right.size() : left.size() > right.size();
    };
    const auto best = std::ranges::min_element(groups, better);
    const auto end = best->begin() + static_cast<std::ptrdiff_t>(std::min(missing, best->size()));
    picked.cores.insert(picked.cores.end(), best->begin(), end);
    ++picked.caches;
    groups.erase(best);
  }
  std::ranges::sort(picked.cores, {}, [](const Core& core) { return core.cpus.front(); });
  return picked;
}

/// Cores of one kind where that is enough, the ones with most threads first; else all of them, so sorted.
Cores uniform_cores(const Cores& free, unsigned vcpus) {
  std::set<std::size_t, std::greater<>> kinds;
  for (const Core& core : free) kinds.insert(core.cpus.size());
  for (const std::size_t threads : kinds) {
    Cores same;
    std::ranges::copy_if(free, std::back_inserter(same),
                         [&](const Core& core) { return core.cpus.size() == threads; });
    if (threads_of(same) >= vcpus) return same;
  }
  Cores all = free;
  std::ranges::stable_sort(all, std::greater<>(), [](const Core& core) { return core.cpus.size(); });
  return all;
}

std::size_t cores_needed(const Cores& cores, unsigned vcpus) {
  std::size_t needed = 0;
  for (std::size_t threads = 0; threads < vcpus; ++needed) threads += cores[needed].cpus.size();
  return needed;
}

/// vCPU after vCPU on the threads of one core after the other.
std::vector<VcpuPin> pin(const Cores& cores, unsigned vcpus) {
  std::vector<VcpuPin> pins;
  for (const Core& core : cores)
    for (const unsigned cpu : core.cpus)
      if (pins.size() < vcpus) pins.push_back(VcpuPin{static_cast<unsigned>(pins.size()), CpuSet{cpu}});
  return pins;
}

bool alike(const Cores& cores) {
  return std::ranges::all_of(cores,
                             [&](const Core& core) { return core.cpus.size() == cores[0].cpus.size(); });
}

/// "; 2 cores are pinned by other guests, 1 reserved", for what is not free.
std::string taken(const Stock& stock) {
  std::vector<std::string> parts;
  if (stock.pinned != 0) parts.push_back(fmt::format("{} pinned by other guests", stock.pinned));
  if (stock.reserved != 0) parts.push_back(fmt::format("{} reserved", stock.reserved));
  if (stock.isolated != 0) parts.push_back(fmt::format("{} isolated", stock.isolated));
  return parts.empty() ? "" : fmt::format("; of its other cores are {}", fmt::join(parts, ", "));
}

[[noreturn]] void refuse(const Stock& stock, const NumaNode& node, const CoreRequest& request) {
  const std::size_t room = threads_of(stock.free);
  throw Error(
      ErrorCode::Refused, request.guest,
      fmt::format("cannot place {} on node {}: saw {} free cores with {} CPUs beside what stays for the "
                  "host, expected {} CPUs, {} more{}",
                  request.guest, node.id, stock.free.size(), room, request.vcpus, request.vcpus - room,
                  taken(stock)),
      room == 0 ? "free CPUs of this node, or ask for a GPU of another node"
                : fmt::format("ask for at most {} vCPUs, or for a GPU of another node", room));
}

std::string reason(const Host& host, const NumaNode& node, const Picked& picked, const Cores& free) {
  const std::size_t cores = picked.cores.size();
  std::string where = "the last-level caches of this host are not known";
  if (!host.cpus->last_level_caches.empty()) {
    const unsigned level = host.cpus->last_level_caches.front().level;
    where = picked.caches == 1
                ? fmt::format("all below one L{} cache", level)
                : fmt::format("below {} L{} caches, as none has that many free", picked.caches, level);
  }
  return fmt::format("{} of {} free cores of node {}, each with all its threads: {}", cores, free.size(),
                     node.id, where);
}

}  // namespace

CoreChoice choose_cores(const Host& host, const NumaNode& node, const CoreRequest& request) {
  Stock stock = take_stock(host, node, request);
  CoreChoice choice;
  choice.emulator_cpus = keep_for_host(stock, request.reserved);
  if (choice.emulator_cpus.empty() || threads_of(stock.free) < request.vcpus) refuse(stock, node, request);

  const Cores suitable = uniform_cores(stock.free, request.vcpus);
  const std::size_t count = cores_needed(suitable, request.vcpus);
  // Where all kinds of cores are needed, their order is the choice.
  const Cores wanted = alike(suitable)
                           ? suitable
                           : Cores(suitable.begin(), suitable.begin() + static_cast<std::ptrdiff_t>(count));
  const Picked picked = pick(by_cache(wanted, host.cpus->last_level_caches), count);

  choice.pins = pin(picked.cores, request.vcpus);
  const std::size_t threads = picked.cores.front().cpus.size();
  if (alike(picked.cores) && request.vcpus == count * threads)
    choice.threads_per_core = static_cast<unsigned>(threads);
  choice.reasons.push_back(reason(host, node, picked, stock.free));
  if (choice.threads_per_core == 1 && threads_of(picked.cores) > count)
    choice.reasons.push_back("one thread per guest core, as the vCPUs do not fill all cores alike");
  choice.reasons.push_back(fmt::format("CPUs {} of node {} stay for the host and run the emulator",
                                       choice.emulator_cpus.to_string(), node.id));
  return choice;
}

}  // namespace gpupass
