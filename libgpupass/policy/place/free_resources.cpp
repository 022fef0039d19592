// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/free_resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "guest/model/memory.hpp"
#include "policy/asked.hpp"
#include "policy/place/gpu.hpp"
#include "policy/place/gpu_distance.hpp"
#include "policy/settings.hpp"

namespace gpupass {

namespace {

CpuSet cpus_of_other_guests(const Host& host, const std::string& guest) {
  CpuSet pinned;
  if (host.domains)
    for (const Domain& domain : *host.domains)
      if (domain.name != guest) pinned |= domain.pinned_cpus;
  return pinned;
}

CpuSet cpus_of(const Cores& cores) {
  CpuSet cpus;
  for (const Core& core : cores) cpus |= core.cpus;
  return cpus;
}

/// Free cores by the last-level cache above them; cores without a known one are a group of their own, and so
/// are the efficient ones below each.
std::vector<Cores> by_cache(const Cores& cores, const std::vector<Cache>& caches, const CpuSet& efficient) {
  std::vector<Cores> groups(2 * (caches.size() + 1));
  for (const Core& core : cores) {
    const auto cache =
        std::ranges::find_if(caches, [&](const Cache& at) { return at.cpus.contains(core.cpus.front()); });
    const std::size_t slow = core.cpus.intersects(efficient) ? 1 : 0;
    groups[2 * static_cast<std::size_t>(cache - caches.begin()) + slow].push_back(core);
  }
  std::erase_if(groups, [](const Cores& group) { return group.empty(); });
  std::ranges::sort(groups, {}, [&](const Cores& group) {
    const unsigned lowest = group.front().cpus.front();
    return std::tuple(efficient.contains(lowest), ~bytes_of_cache(caches, lowest), lowest);
  });
  return groups;
}

/// The host's own: what the request reserves on this node, else the lowest free core, where interrupts and
/// the kernel's housekeeping are at home.
CpuSet keep_for_host(Cores& free, const CpuSet& host_cpus, const CpuSet& reserved) {
  if (CpuSet kept = host_cpus & reserved; !kept.empty()) return kept;
  if (free.empty()) return {};
  CpuSet kept = free.front().cpus;
  free.erase(free.begin());
  return kept;
}

CpuSet packages_of(const Host& host, const NumaNode& node) {
  CpuSet packages;
  for (const Package& package : host.cpus->packages)
    if (package.cpus.intersects(node.cpus.value_or({}))) packages.insert(package.id);
  return packages;
}

/// A core counts as taken when one of its siblings is: two guests never share a core.
FreeNode free_node(const Host& host, const NumaNode& node, const CpuSet& pinned, const CpuSet& reserved) {
  FreeNode resources;
  resources.node = node;
  resources.packages = packages_of(host, node);
  const CpuSet offline = host.offline_cpus.value_or({}), isolated = host.isolated_cpus.value_or({});
  const CpuSet own = node.cpus.value_or({});
  Cores free, set_aside;
  for (const Core& core : host.cpus->cores) {
    if (core.cpus.empty() || !own.contains(core.cpus.front())) continue;
    const CpuSet online = core.cpus - offline;
    if (online.empty() || !own.contains(online)) continue;
    if (online.intersects(pinned))
      ++resources.pinned;
    else if (online.intersects(reserved))
      ++resources.reserved;
    else if (isolated.contains(online))
      set_aside.push_back(Core{online});
    else if (online.intersects(isolated))
      ++resources.isolated;
    else
      free.push_back(Core{online});
  }
  const CpuSet scheduled = host.cpus->cpus - offline - pinned - isolated;
  resources.host_cpus = keep_for_host(free, scheduled & own, reserved);
  if (!set_aside.empty()) {
    if (resources.host_cpus.empty()) resources.host_cpus = scheduled & own;
    if (resources.host_cpus.empty()) resources.host_cpus = scheduled;
    if (resources.host_cpus.empty()) resources.host_cpus = keep_for_host(set_aside, {}, {});
    resources.set_aside = cpus_of(set_aside);
    free.insert(free.end(), set_aside.begin(), set_aside.end());
    std::ranges::sort(free, {}, [](const Core& core) { return core.cpus.front(); });
  }
  resources.last_level = host.cpus->last_level_caches;
  resources.efficient = host.efficient_cpus.value_or({});
  // A node that has nothing for the host has nothing for a guest.
  if (!resources.host_cpus.empty())
    resources.caches = by_cache(free, resources.last_level, resources.efficient);
  return resources;
}

void check_host(const Host& host, const Request& request) {
  if (!host.architecture)
    throw placement_refused(
        request,
        fmt::format("a host of unknown architecture{}",
                    host.architecture.unknown() ? " (" + host.architecture.why() + ")" : ""),
        "x86_64");
  if (*host.architecture != "x86_64")
    throw placement_refused(request, fmt::format("a host of architecture {}", *host.architecture), "x86_64");
  if (!host.cpus)
    throw placement_refused(request,
                            fmt::format("no CPU topology ({})",
                                        host.cpus.unknown() ? host.cpus.why() : "this host describes none"),
                            "the host's packages, cores and caches");
}

/// The host's nodes; a kernel without NUMA is one node with all CPUs.
std::vector<NumaNode> numa_nodes(const Host& host, const Request& request) {
  if (host.numa_nodes.absent()) {
    NumaNode whole;
    whole.cpus = host.cpus->cpus;
    return {whole};
  }
  if (!host.numa_nodes || host.numa_nodes->empty())
    throw placement_refused(request,
                            fmt::format("no NUMA nodes ({})",
                                        host.numa_nodes.unknown() ? host.numa_nodes.why() : "none is online"),
                            "the CPUs and the memory of each node");
  return *host.numa_nodes;
}

bool has_cpus(const NumaNode& node) {
  return !node.cpus.value_or({}).empty();
}

/// Guests live on nodes with CPUs that are known, and memory; memory-only nodes, those of a GPU's own memory,
/// and quadrants of a processor without memory modules are not for them.
bool is_home(const NumaNode& node) {
  return has_cpus(node) && node.memory_bytes.value_or(1) != 0;
}

std::optional<std::size_t> node_of(const Host& host, const FreeResources& resources, PciAddress address) {
  if (resources.nodes.size() == 1 && (!host.numa_nodes || host.numa_nodes->size() == 1)) return 0;
  const PciFunction* function = find_function(host, address);
  const Fact<int> id = function ? nearest_numa_node(host, *function) : Fact<int>();
  if (!id) return std::nullopt;
  const auto node = std::ranges::find_if(
      resources.nodes, [&](const FreeNode& at) { return static_cast<int>(at.node.id) == *id; });
  if (node != resources.nodes.end()) return static_cast<std::size_t>(node - resources.nodes.begin());
  // Where its own node has CPUs and no memory, the nearest one is its home: so is the kernel's memory for it.
  const auto own = std::ranges::find_if(*host.numa_nodes,
                                        [&](const NumaNode& at) { return static_cast<int>(at.id) == *id; });
  if (own == host.numa_nodes->end() || !has_cpus(*own)) return std::nullopt;
  const auto nearest = std::ranges::min_element(resources.nodes, {}, [&](const FreeNode& at) {
    return node_distance(host, static_cast<unsigned>(*id), at.node.id);
  });
  return static_cast<std::size_t>(nearest - resources.nodes.begin());
}

void add_distances(const Host& host, FreeResources& resources) {
  std::vector<const PciFunction*> functions;
  for (const auto* devices : {&resources.gpus, &resources.devices})
    for (const FreeDevice& device : *devices) functions.push_back(find_function(host, device.address));
  resources.distances = gpu_distances(host, functions);
  for (const FreeNode& one : resources.nodes) {
    auto& row = resources.node_distances.emplace_back();
    for (const FreeNode& other : resources.nodes)
      row.push_back(node_distance(host, one.node.id, other.node.id));
  }
}

}  // namespace

std::uint64_t bytes_of_cache(const std::vector<Cache>& caches, unsigned cpu) {
  const auto cache = std::ranges::find_if(caches, [&](const Cache& at) { return at.cpus.contains(cpu); });
  return cache == caches.end() ? 0 : cache->size_bytes;
}

std::vector<FreeNode> nodes_of(const Host& host, const Request& request) {
  check_host(host, request);
  std::vector<NumaNode> nodes = numa_nodes(host, request);
  if (const Domain* present = find_domain(host, request.name)) give_back_memory(*present, nodes);
  const CpuSet pinned = cpus_of_other_guests(host, request.name);
  const CpuSet reserved = request.reserved_cpus | settings_of(host).reserved_cpus;
  std::vector<FreeNode> all_resources;
  for (const NumaNode& node : nodes)
    if (is_home(node)) all_resources.push_back(free_node(host, node, pinned, reserved));
  if (all_resources.empty())
    throw placement_refused(request, "no NUMA node with CPUs and memory", "at least one");
  return all_resources;
}

FreeResources free_resources(const Host& host, const Request& request) {
  expect_asked(host, needs(Verb::Place), "place", request.name.empty() ? "guests" : request.name);
  FreeResources resources;
  resources.nodes = nodes_of(host, request);
  add_candidates(host, request, resources);
  for (auto* devices : {&resources.gpus, &resources.devices})
    for (FreeDevice& device : *devices) device.node = node_of(host, resources, device.address);
  add_distances(host, resources);
  return resources;
}

}  // namespace gpupass
