// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the placement is the best there is, shown by enumeration: all sets of GPUs, all numbers of vCPUs on
// each node, all sets of last-level caches, all further nodes. The rules are written down here once more, as
// plainly as they can be, and share no code with the solver but the free resources of the host and its
// distances.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <random>
#include <tuple>

#include "gpupass/error.hpp"
#include "gpupass/probe.hpp"
#include "policy/place/problem.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"
#include "support/sanitized.hpp"
#include "support/shared_hosts.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::place_best_test {
namespace {

using Counts = std::vector<unsigned>;  // One for each node of the free resources.

struct Plain {
  std::uint64_t penalty = 0, gpu_nodes = 0, gpu_distance = 0;
  std::uint64_t away = 0, nodes = 0, spill = 0, kind = 0, caches = 0, partial = 0;
  std::uint64_t gpus_left_apart = 0, left = 0;
  friend auto operator<=>(const Plain&, const Plain&) = default;
};

Plain plain(const Cost& cost) {
  return {cost.gpus.penalty,        cost.gpus.nodes,      cost.gpus.distance,   cost.split.away,
          cost.split.nodes,         cost.split.spill,     cost.split.kind,      cost.split.cores.caches,
          cost.split.cores.partial, cost.gpus_left_apart, cost.split.cores.left};
}

std::ostream& operator<<(std::ostream& out, const Plain& cost) {
  return out << cost.penalty << ' ' << cost.gpu_nodes << ' ' << cost.gpu_distance << " | " << cost.away << ' '
             << cost.nodes << ' ' << cost.spill << ' ' << cost.kind << ' ' << cost.caches << ' '
             << cost.partial << " | " << cost.gpus_left_apart << ' ' << cost.left;
}

/// The best of all ways to take so many vCPUs from these cores, by trying every set of caches. Where one is
/// enough, the largest cache is, however many cores are left below it.
std::optional<std::tuple<unsigned, unsigned, unsigned>> cores_among(const FreeNode& node, std::size_t kind,
                                                                    unsigned vcpus, bool set_aside) {
  std::vector<unsigned> sizes;
  std::vector<std::uint64_t> bytes;
  for (const Cores& cache : node.caches) {
    const auto same = std::ranges::count_if(cache, [&](const Core& core) {
      return core.cpus.size() == kind && (!set_aside || node.set_aside.contains(core.cpus));
    });
    if (same == 0) continue;
    sizes.push_back(static_cast<unsigned>(same));
    bytes.push_back(bytes_of_cache(node.last_level, cache.front().cpus.front()));
  }
  const auto needed = static_cast<unsigned>((vcpus + kind - 1) / kind);
  std::uint64_t largest = 0;
  for (std::size_t at = 0; at < sizes.size(); ++at)
    if (sizes[at] >= needed) largest = std::max(largest, bytes[at]);
  std::optional<std::tuple<unsigned, unsigned, unsigned>> best;
  for (unsigned set = 1; set < 1U << sizes.size(); ++set) {
    unsigned caches = 0, cores = 0;
    std::uint64_t of_bytes = 0;
    for (std::size_t at = 0; at < sizes.size(); ++at)
      if (set >> at & 1U) ++caches, cores += sizes[at], of_bytes = bytes[at];
    if (cores < needed || caches > needed || (caches == 1 && of_bytes < largest)) continue;
    const std::tuple cost(caches, vcpus % kind != 0 ? 1U : 0U, cores - needed);
    if (!best || cost < *best) best = cost;
  }
  return best;
}

/// CPUs that the kernel isolates wait for guests, and come first where they are enough.
std::optional<std::tuple<unsigned, unsigned, unsigned>> cores_of(const FreeNode& node, std::size_t kind,
                                                                 unsigned vcpus) {
  if (!node.set_aside.empty())
    if (const auto cores = cores_among(node, kind, vcpus, true)) return cores;
  return cores_among(node, kind, vcpus, false);
}

class Enumeration {
 public:
  Enumeration(const FreeResources& resources, const Problem& problem)
      : resources_(resources), problem_(problem) {}

  std::optional<Plain> best() {
    std::vector<bool> chosen(resources_.gpus.size());
    each_set(0, chosen);
    return best_;
  }

 private:
  void each_set(std::size_t at, std::vector<bool>& chosen) {
    if (at < chosen.size()) {
      for (const bool take : {true, false}) {
        chosen[at] = take;
        each_set(at + 1, chosen);
      }
      return;
    }
    if (static_cast<std::size_t>(std::ranges::count(chosen, true)) == problem_.gpus) with_gpus(chosen);
  }

  void with_gpus(const std::vector<bool>& chosen) {
    Plain cost;
    gpus_on_.assign(resources_.nodes.size(), 0);
    used_.assign(resources_.nodes.size(), false);
    for (std::size_t one = 0; one < chosen.size(); ++one) {
      for (std::size_t other = 0; other < one; ++other) {
        if (chosen[one] && chosen[other]) cost.gpu_distance += resources_.distances[one][other];
        if (!chosen[one] && !chosen[other]) cost.gpus_left_apart += resources_.distances[one][other];
      }
      if (!chosen[one]) continue;
      cost.penalty += resources_.gpus[one].penalty;
      if (!resources_.gpus[one].node) return;  // The hosts here name all nodes.
      ++gpus_on_[*resources_.gpus[one].node];
      used_[*resources_.gpus[one].node] = true;
    }
    cost.gpu_nodes = static_cast<std::uint64_t>(std::ranges::count(used_, true));
    Counts counts(resources_.nodes.size());
    each_count(0, problem_.guest_needs.vcpus, counts, cost);
  }

  bool allowed(std::size_t node) const { return used_[node] || problem_.numa != NumaPolicy::Required; }

  /// All that the guest has is in one package.
  bool in_one_package(const Counts& counts) const {
    std::vector<CpuSet> packages;
    for (std::size_t node = 0; node < counts.size(); ++node)
      if (used_[node] || counts[node] > 0) packages.push_back(resources_.nodes[node].packages);
    if (packages.size() == 1) return true;
    for (const unsigned package : packages.front())
      if (std::ranges::all_of(packages, [&](const CpuSet& of) { return of.contains(package); })) return true;
    return false;
  }

  void each_count(std::size_t node, unsigned left, Counts& counts, const Plain& cost) {
    if (node == counts.size()) {
      if (left == 0) with_counts(counts, cost);
      return;
    }
    const auto most =
        allowed(node) ? std::min<std::size_t>(left, threads_of(resources_.nodes[node], kAnyKind)) : 0;
    for (unsigned vcpus = used_[node] ? 1 : 0; vcpus <= most; ++vcpus) {
      counts[node] = vcpus;
      each_count(node + 1, left - vcpus, counts, cost);
    }
  }

  void with_counts(const Counts& counts, Plain cost) {
    if (problem_.numa == NumaPolicy::Socket && !in_one_package(counts)) return;
    if (!memory_fits(counts)) return;
    for (std::size_t node = 0; node < counts.size(); ++node) {
      if (counts[node] == 0) continue;
      ++cost.nodes;
      const std::uint64_t here = counts[node] * problem_.gpus,
                          part = std::uint64_t{problem_.guest_needs.vcpus} * gpus_on_[node];
      if (here > part) cost.away += here - part;
      if (used_[node]) continue;
      unsigned nearest = 1000;
      for (std::size_t other = 0; other < counts.size(); ++other)
        if (used_[other]) nearest = std::min(nearest, resources_.node_distances[other][node]);
      cost.spill += nearest;
    }
    const auto kinds = core_kinds(resources_);
    for (std::size_t rank = 0; rank < kinds.size(); ++rank) with_kind(counts, cost, kinds[rank], rank);
  }

  void with_kind(const Counts& counts, Plain cost, std::size_t kind, std::size_t rank) {
    cost.kind = rank;
    for (std::size_t node = 0; node < counts.size(); ++node) {
      if (counts[node] == 0) continue;
      const auto cores = cores_of(resources_.nodes[node], kind, counts[node]);
      if (!cores) return;
      cost.caches += std::get<0>(*cores);
      cost.partial += std::get<1>(*cores);
      cost.left += std::get<2>(*cores);
    }
    if (!best_ || cost < *best_) best_ = cost;
  }

  /// Whole pages of one size, or ordinary ones, on every node that is used; how they are split costs nothing.
  bool memory_fits(const Counts& counts) const {
    const MemoryRequest& memory = problem_.guest_needs.memory;
    std::vector<std::uint64_t> sizes = {2 * kMiB, kGiB};
    if (memory.page_size_bytes) sizes = {*memory.page_size_bytes};
    for (const std::uint64_t page : sizes) {
      if (page == 0 || memory.bytes % page != 0) continue;
      std::uint64_t pages = 0, cells = 0;
      bool each = true;
      for (std::size_t node = 0; node < counts.size(); ++node) {
        if (counts[node] == 0) continue;
        ++cells;
        std::uint64_t free = 0;
        for (const HugePages& pool : resources_.nodes[node].node.huge_pages)
          if (pool.page_size_bytes == page) free = pool.free;
        pages += free;
        each = each && free > 0;
      }
      if (each && pages >= memory.bytes / page && cells <= memory.bytes / page) return true;
    }
    // Ordinary memory is plenty on these hosts, or is asked for not at all.
    return memory.page_size_bytes.value_or(0) == 0;
  }

  const FreeResources& resources_;
  const Problem& problem_;
  std::vector<unsigned> gpus_on_;
  std::vector<bool> used_;
  std::optional<Plain> best_;
};

/// Compares with the enumeration; true when the guest fits.
bool same_as_enumeration(const Host& host, const Request& request) {
  FreeResources resources;
  try {
    resources = free_resources(host, request);
  } catch (const Error&) {
    return false;
  }
  const Problem problem = problem_of(request, *request.gpu_count);
  const auto solution = solve(resources, problem).best;
  const auto best = Enumeration(resources, problem).best();
  if (solution && solution->split.kind == kAnyKind) return true;  // Cores of several kinds: no claim.
  EXPECT_EQ(solution.has_value(), best.has_value());
  if (solution && best) {
    EXPECT_EQ(plain(solution->cost), *best);
  }
  return solution.has_value();
}

using Random = std::mt19937_64;
unsigned below(Random& random, unsigned limit) {
  return static_cast<unsigned>(random() % limit);
}

/// One package or two, one to four nodes in all, each with a few caches of a few cores.
void random_cpus(Random& random, Host& host) {
  const unsigned nodes = 1 + below(random, 4), threads = 1 + below(random, 2);
  CpuTopology topology;
  std::vector<NumaNode> numa;
  const unsigned cores = 24;
  unsigned core = 0;
  for (unsigned id = 0; id < nodes; ++id) {
    NumaNode node;
    node.id = id * 2;
    for (unsigned cache = 1 + below(random, 3); cache > 0; --cache) {
      Cache at{3, kMiB, {}};
      for (unsigned count = 1 + below(random, 3); count > 0 && core < cores; --count, ++core) {
        CpuSet cpus{core};
        if (threads == 2 && below(random, 8) != 0) cpus.insert(core + cores);
        topology.cores.push_back({cpus});
        at.cpus |= cpus;
      }
      if (!at.cpus.empty()) topology.last_level_caches.push_back(at);
      node.cpus = node.cpus.value_or({}) | at.cpus;
    }
    node.free_bytes = 64 * kGiB;
    node.huge_pages = {{2 * kMiB, 4096, below(random, 3) * 1024}, {kGiB, 8, below(random, 5)}};
    std::vector<unsigned> distances;
    for (unsigned other = 0; other < nodes; ++other)
      distances.push_back(other == id ? 10 : (other / 2 == id / 2 ? 12 : 21));
    node.distances = distances;
    topology.cpus |= *node.cpus;
    const unsigned package = id / 2;
    if (topology.packages.size() <= package) topology.packages.push_back({package, {}});
    topology.packages[package].cpus |= *node.cpus;
    numa.push_back(node);
  }
  host.cpus = topology;
  host.numa_nodes = numa;
}

int any_node(Random& random, const Host& host) {
  std::vector<unsigned> with_cpus;
  for (const NumaNode& node : *host.numa_nodes)
    if (!node.cpus->empty()) with_cpus.push_back(node.id);
  return static_cast<int>(with_cpus[below(random, static_cast<unsigned>(with_cpus.size()))]);
}

/// Up to eight GPUs, each on a root bus of its own or on the one before, some behind a common bridge, some
/// linked.
void random_gpus(Random& random, Host& host) {
  const PciFunction port = function_of(host, {0, 0xc0, 1, 0}), gpu = function_of(host, kGpu1);
  std::erase_if(host.functions, [](const PciFunction& function) { return function.address != kConsole; });
  host.groups->clear();
  const unsigned count = 1 + below(random, 8);
  std::vector<DirectLink> links;
  PciFunction bridge = port;
  for (unsigned at = 0; at < count; ++at) {
    const auto bus = static_cast<std::uint8_t>(0x10 + at * 8);
    if (at == 0 || below(random, 3) != 0) {
      bridge.address = {0, bus, 1, 0};
      bridge.numa_node = any_node(random, host);
      bridge.root_bus = "pci0000:" + std::to_string(at - (at > 0 ? below(random, 2) : 0));
      host.functions.push_back(bridge);
    }
    PciFunction next = gpu;
    next.address = {0, static_cast<std::uint8_t>(bus + 1), 0, 0};
    next.parent = bridge.address;
    next.root_bus = bridge.root_bus;
    next.iommu_group = at;
    host.functions.push_back(next);
    host.groups->push_back({at, {next.address}, std::string("DMA"), {}});
    if (at > 0 && below(random, 4) == 0)
      links.push_back({{0, static_cast<std::uint8_t>(bus - 7), 0, 0}, next.address, DirectLink::Kind::Xgmi});
  }
  host.direct_links = links;
}

Request random_request(Random& random, const Host& host) {
  Request request;
  request.gpu_count = 1 + below(random, static_cast<unsigned>(host.groups->size()));
  request.vcpus = 1 + below(random, 14);
  request.memory_bytes = (1 + below(random, 4)) * kGiB;
  request.numa =
      std::array{NumaPolicy::Required, NumaPolicy::Socket, NumaPolicy::Preferred}[below(random, 3)];
  if (below(random, 3) == 0) request.page_size_bytes = below(random, 2) != 0 ? kGiB : 2 * kMiB;
  return request;
}

TEST(PlaceBest, OnRandomHostsNothingIsBetter) {
  unsigned fitted = 0;
  for (unsigned seed = 0; seed < 3000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Host host = two_sockets();
    random_cpus(random, host);
    random_gpus(random, host);
    fitted += same_as_enumeration(host, random_request(random, host)) ? 1 : 0;
  }
  EXPECT_GT(fitted, 1000u);
}

/// Guests that run already: they make the free cores of real machines uneven.
void random_guests(Random& random, Host& host) {
  Domain other = running_guest("other", {}, {});
  for (const Core& core : host.cpus->cores)
    if (below(random, 3) == 0) other.pinned_cpus |= core.cpus;
  host.domains = std::vector<Domain>{other};
}

/// A machine's CPUs and nodes, with GPUs where we like.
/// @returns how many guests fitted.
unsigned compare_on(const Host& machine, unsigned rounds) {
  unsigned fitted = 0;
  if (!machine.cpus || machine.cpus->cores.empty() || machine.numa_nodes.unknown()) return fitted;
  for (unsigned seed = 0; seed < rounds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Host host = two_sockets();
    host.cpus = machine.cpus;
    host.offline_cpus = machine.offline_cpus;
    host.isolated_cpus = machine.isolated_cpus;
    if (machine.numa_nodes)
      host.numa_nodes = machine.numa_nodes;
    else
      host.numa_nodes = std::vector<NumaNode>{{0, machine.cpus->cpus, {}, {}, {}, {}}};
    for (NumaNode& node : *host.numa_nodes) node.free_bytes = 64 * kGiB;
    random_gpus(random, host);
    random_guests(random, host);
    Request request = random_request(random, host);
    if (host.numa_nodes->size() > 3)
      request.vcpus = 1 + *request.vcpus % 8;  // The enumeration takes its time.
    request.page_size_bytes = 0;
    fitted += same_as_enumeration(host, request) ? 1 : 0;
  }
  return fitted;
}

Host captured(const std::string& root) {
  Parts parts;
  parts.cpus = true;
  return probe(*open_host(root), {parts, {}});
}

TEST(PlaceBest, OnTheExampleHostsNothingIsBetter) {
  for (const auto& file : std::filesystem::directory_iterator(source_path("examples/hosts"))) {
    if (file.path().extension() != ".host") continue;
    SCOPED_TRACE(file.path());
    EXPECT_GT(compare_on(captured(file.path()), 60), 10u);
  }
}

TEST(PlaceBest, OnCapturedCpusNothingIsBetter) {
  SKIP_WITHOUT_SHARED_HOSTS();
  unsigned machines = 0;
  for (const SharedTree& tree : shared_trees()) {
    if (!std::filesystem::exists(tree.root + "/sys/devices/system/cpu/cpu1/topology")) continue;
    SCOPED_TRACE(tree.name);
    if (compare_on(captured(tree.root), kSanitized ? 4 : 20) > 0) ++machines;
  }
  EXPECT_GT(machines, 10u);
}

}  // namespace
}  // namespace gpupass::place_best_test
