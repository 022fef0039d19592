// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/cpu/numa_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "probe/folder.hpp"
#include "values/cpu_map.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr const char* kNodesPath = "/sys/devices/system/node";

/// "Node 0 MemTotal:  131072 kB" among other lines.
template <bool kFree>
std::optional<std::uint64_t> parse_memory(std::string_view text) {
  for (const std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() != 5 || words[2] != (kFree ? "MemFree:" : "MemTotal:") || words[4] != "kB") continue;
    const auto kib = parse_number<std::uint64_t>(words[3]);
    if (!kib || *kib > UINT64_MAX / 1024) return std::nullopt;
    return *kib * 1024;
  }
  return std::nullopt;
}

std::optional<std::vector<unsigned>> parse_distances(std::string_view text) {
  std::vector<unsigned> distances;
  for (const std::string_view word : words_of(text)) {
    const auto distance = parse_number<unsigned>(word);
    if (!distance) return std::nullopt;
    distances.push_back(*distance);
  }
  return distances;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return parse_number<std::uint64_t>(text);
}

const Form<CpuSet> kCpuMap{parse_cpu_map, "a map of CPUs"};
const Form<std::uint64_t> kTotal{parse_memory<false>, "a line \"Node N MemTotal: SIZE kB\""};
const Form<std::uint64_t> kFree{parse_memory<true>, "a line \"Node N MemFree: SIZE kB\""};
const Form<std::vector<unsigned>> kDistances{parse_distances, "numbers"};
const Form<std::uint64_t> kCount{parse_count, "a number"};

/// The number behind `prefix` and before `suffix`: 2048 of "hugepages-2048kB".
template <typename T>
std::optional<T> number_in(std::string_view name, std::string_view prefix, std::string_view suffix = {}) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix) || name.size() < prefix.size() + suffix.size())
    return std::nullopt;
  return parse_number<T>(name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
}

Fact<CpuSet> read_cpus(const Folder& folder) {
  // Before Linux 2.6.29 there was the map alone.
  Fact<CpuSet> cpus = folder.read("cpulist", kCpuList);
  return cpus.absent() ? folder.expect("cpumap", kCpuMap) : cpus;
}

std::vector<HugePages> read_huge_pages(const Folder& folder) {
  std::vector<HugePages> pools;
  const auto names = folder.list("hugepages");
  if (names.absent()) folder.limit("hugepages", "does not exist");
  for (const std::string& name : names.value_or({})) {
    const auto kib = number_in<std::uint64_t>(name, "hugepages-", "kB");
    if (!kib || *kib == 0 || *kib > UINT64_MAX / 1024) {
      folder.limit("hugepages", fmt::format("saw {}, expected hugepages-SIZEkB", shown(name)));
      continue;
    }
    const Fact<std::uint64_t> total = folder.expect(fmt::format("hugepages/{}/nr_hugepages", name), kCount);
    const Fact<std::uint64_t> free = folder.expect(fmt::format("hugepages/{}/free_hugepages", name), kCount);
    if (total && free) pools.push_back({*kib * 1024, *total, *free});
  }
  std::ranges::sort(pools, {}, &HugePages::page_size_bytes);
  return pools;
}

NumaNode read_node(const Folder& folder, unsigned id, std::size_t nodes) {
  NumaNode node;
  node.id = id;
  node.cpus = read_cpus(folder);
  node.memory_bytes = folder.expect("meminfo", kTotal);
  if (node.memory_bytes)
    node.free_bytes = folder.expect("meminfo", kFree);
  else
    node.free_bytes = node.memory_bytes;
  node.huge_pages = read_huge_pages(folder);
  node.distances = folder.expect("distance", kDistances);
  if (node.distances && node.distances->size() != nodes)
    node.distances = folder.unknown(
        "distance",
        fmt::format("saw {} numbers, expected one for each of {} nodes", node.distances->size(), nodes));
  return node;
}

/// The ids of the nodes, ascending.
std::vector<unsigned> ids_in(const std::vector<std::string>& names) {
  std::vector<unsigned> ids;
  for (const std::string& name : names)
    if (const auto id = number_in<unsigned>(name, "node")) ids.push_back(*id);
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

Fact<int> read_only_node(const System& system) {
  const auto names = system.list(kNodesPath);
  if (names.unknown()) return Unknown{names.why()};
  const std::vector<unsigned> ids = ids_in(names.value_or({}));
  if (ids.size() > 1) return Absent{};
  return ids.empty() ? 0 : static_cast<int>(ids.front());
}

Fact<std::vector<NumaNode>> read_numa_nodes(const System& system, Limits& limits) {
  const auto names = system.list(kNodesPath);
  if (names.unknown()) {
    limits.add("NUMA nodes", names.why());
    return Unknown{names.why()};
  }
  const std::vector<unsigned> ids = ids_in(names.value_or({}));
  if (ids.empty()) return Absent{};
  std::vector<NumaNode> nodes;
  for (const unsigned id : ids) {
    const Folder folder(system, limits, fmt::format("{}/node{}", kNodesPath, id), fmt::format("node {}", id));
    nodes.push_back(read_node(folder, id, ids.size()));
  }
  return nodes;
}

}  // namespace gpupass
