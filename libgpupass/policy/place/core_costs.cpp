// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/core_costs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

namespace gpupass {

namespace {

/// All that choosing cores and pages looks at, but for the numbers of the node and of its CPUs.
std::string shape_of(const FreeNode& node) {
  std::string text = node.node.free_bytes ? fmt::to_string(*node.node.free_bytes) : "?";
  const auto out = std::back_inserter(text);
  for (const HugePages& pool : node.node.huge_pages)
    fmt::format_to(out, " {}x{}", pool.free, pool.page_size_bytes);
  std::vector<unsigned> lowest;
  for (const Cores& cache : node.caches)
    for (const Core& core : cache) lowest.push_back(core.cpus.front());
  std::ranges::sort(lowest);
  for (const Cores& cache : node.caches) {
    const unsigned first = cache.front().cpus.front();
    fmt::format_to(out, " L{}{}", bytes_of_cache(node.last_level, first),
                   node.efficient.contains(first) ? 'e' : 'p');
    for (const Core& core : cache)
      fmt::format_to(out, " {}{}{}", core.cpus.size(), node.set_aside.contains(core.cpus) ? 'a' : 'c',
                     std::ranges::lower_bound(lowest, core.cpus.front()) - lowest.begin());
  }
  return text;
}

}  // namespace

std::vector<std::size_t> node_kinds(const FreeResources& resources) {
  std::map<std::string, std::size_t> known;
  std::vector<std::size_t> kinds;
  for (const FreeNode& node : resources.nodes)
    kinds.push_back(known.try_emplace(shape_of(node), known.size()).first->second);
  return kinds;
}

std::optional<CoreCost> CoreCosts::of(std::size_t node, CoreKind kind, unsigned vcpus) {
  const auto [known, fresh] = known_.try_emplace(std::tuple(node_kinds_[node], kind, vcpus));
  if (fresh)
    if (const auto choice = choose_cores(resources_.nodes[node], kind, vcpus)) known->second = choice->cost;
  return known->second;
}

}  // namespace gpupass
