// SPDX-License-Identifier: LGPL-2.1-or-later
#include "random_resources.hpp"

#include <algorithm>
#include <array>

#include "values/sizes.hpp"

namespace gpupass {

namespace {

using Random = std::mt19937_64;

unsigned below(Random& random, unsigned limit) {
  return static_cast<unsigned>(random() % limit);
}

bool one_in(Random& random, unsigned count) {
  return below(random, count) == 0;
}

/// Small numbers are as likely as large ones.
unsigned any_size(Random& random, unsigned most) {
  const unsigned limit = 1 + below(random, most);
  return 1 + below(random, limit);
}

/// One to three caches of up to four cores each.
FreeNode random_node(Random& random, unsigned threads, unsigned& cpu) {
  FreeNode node;
  for (unsigned caches = 1 + below(random, 3); caches > 0; --caches) {
    Cores cores;
    for (unsigned count = below(random, 5); count > 0; --count) {
      Core core;
      for (unsigned thread = 0; thread < threads; ++thread) core.cpus.insert(cpu++);
      cores.push_back(core);
    }
    if (!cores.empty()) node.caches.push_back(std::move(cores));
  }
  node.node.huge_pages = {{kGiB, 8, below(random, 9)}};
  return node;
}

void add_nodes(Random& random, RandomHost& host) {
  const unsigned nodes = any_size(random, 64), packages = 1 + below(random, std::min(nodes, 8U));
  const bool alike = one_in(random, 3);
  unsigned cpu = 0;
  FreeNode first = random_node(random, host.threads, cpu);
  host.packages.resize(packages);
  for (unsigned id = 0; id < nodes; ++id) {
    FreeNode node = alike ? first : random_node(random, host.threads, cpu);
    if (alike)
      for (Cores& cores : node.caches)
        for (Core& core : cores) {
          core = {};
          for (unsigned thread = 0; thread < host.threads; ++thread) core.cpus.insert(cpu++);
        }
    const unsigned package = id * packages / nodes;
    node.node.id = id;
    node.packages = CpuSet{package};
    host.packages[package].push_back(id);
    host.resources.nodes.push_back(std::move(node));
  }
  const auto package_of = [&](unsigned node) { return node * packages / nodes; };
  for (unsigned one = 0; one < nodes; ++one) {
    auto& row = host.resources.node_distances.emplace_back();
    for (unsigned other = 0; other < nodes; ++other)
      row.push_back(one == other ? 10 : package_of(one) == package_of(other) ? host.in_package : host.across);
  }
}

/// Which node each GPU is on: a few nodes, any, or as many on each.
std::vector<std::size_t> nodes_of_gpus(Random& random, unsigned gpus, std::size_t nodes) {
  const unsigned way = below(random, 3), each = 1 + below(random, 8),
                 few = 1 + below(random, static_cast<unsigned>(std::min<std::size_t>(nodes, 4)));
  std::vector<std::size_t> places;
  for (unsigned gpu = 0; gpu < gpus; ++gpu)
    places.push_back(way == 0   ? below(random, few) * nodes / few
                     : way == 1 ? below(random, static_cast<unsigned>(nodes))
                                : gpu / each % nodes);
  std::ranges::sort(places);
  return places;
}

void add_gpus(Random& random, RandomHost& host) {
  const unsigned gpus = any_size(random, 64), width = 1U << below(random, 4);
  const bool links = one_in(random, 3), penalties = one_in(random, 3), groups = one_in(random, 6);
  FreeResources& resources = host.resources;
  for (const std::size_t node : nodes_of_gpus(random, gpus, resources.nodes.size())) {
    const std::size_t gpu = resources.gpus.size();
    FreeDevice device{{0, static_cast<std::uint8_t>(gpu), 0, 0}, node, 0, {}};
    if (penalties && one_in(random, 4)) device.penalty = one_in(random, 2) ? 1 : 1U << 16;
    const bool same_node = gpu > 0 && resources.gpus.back().node == node;
    if (!same_node || host.switches.back().size() >= width || one_in(random, 8)) host.switches.emplace_back();
    host.switches.back().push_back(gpu);
    resources.gpus.push_back(device);
  }
  resources.distances.assign(gpus, std::vector<unsigned>(gpus, 0));
  for (std::size_t one = 0; one < gpus; ++one)
    for (std::size_t other = 0; other < one; ++other) {
      const std::size_t node = *resources.gpus[one].node, other_node = *resources.gpus[other].node;
      resources.distances[one][other] = resources.distances[other][one] =
          node == other_node ? host.between_switches : resources.node_distances[node][other_node];
    }
  for (const auto& below_switch : host.switches)
    for (const std::size_t one : below_switch)
      for (const std::size_t other : below_switch)
        if (one < other) {
          const unsigned distance = links && one_in(random, 4) ? 1 : 2;
          resources.distances[one][other] = resources.distances[other][one] = distance;
          const bool whole = one_in(random, 4);
          if (!groups || other != one + 1 || resources.gpus[one].unit || one_in(random, 3)) continue;
          resources.gpus[one].unit = resources.gpus[other].unit = Unit{resources.gpus[one].address, 2, whole};
        }
}

}  // namespace

RandomHost random_host(Random& random) {
  RandomHost host;
  host.threads = 1 + below(random, 2);
  host.in_package = one_in(random, 4) ? 21 : 12;
  host.across = 21 + 11 * below(random, 2);
  host.between_switches = 4 + below(random, 2);
  add_nodes(random, host);
  add_gpus(random, host);
  return host;
}

/// Where memory is scarce the rest is small, as the oracle counts pages.
Problem random_problem(Random& random, const RandomHost& host) {
  const auto gpus = static_cast<unsigned>(host.resources.gpus.size());
  const bool scarce = one_in(random, 3), large = one_in(random, 8) && host.resources.nodes.size() <= 16;
  Problem problem;
  problem.gpus = any_size(random, std::min(gpus, scarce ? 8U : large ? 64U : 16U));
  problem.numa =
      std::array{NumaPolicy::Required, NumaPolicy::Socket, NumaPolicy::Preferred}[below(random, 3)];
  const auto each = static_cast<unsigned>(problem.gpus);
  problem.guest_needs.vcpus = one_in(random, 2) ? each * (1 + below(random, 8)) : 1 + below(random, 8 * each);
  problem.guest_needs.vcpus = std::min(problem.guest_needs.vcpus, scarce ? 12U : large ? 80U : 48U);
  problem.guest_needs.memory.guest = "guest";
  problem.guest_needs.memory.page_size_bytes = scarce ? kGiB : 0;
  // No fewer pages than vCPUs, so that there is one for each node.
  problem.guest_needs.memory.bytes = (problem.guest_needs.vcpus + below(random, 6)) * kGiB;
  return problem;
}

}  // namespace gpupass
