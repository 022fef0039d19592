// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/ground.hpp"

#include <algorithm>
#include <functional>

namespace gpupass {

namespace {

const CellRequest* cell_on(const Problem& problem, const FreeNode& node) {
  const auto& cells = problem.guest_needs.cells;
  const auto cell = std::ranges::find(cells, node.node.id, &CellRequest::node);
  return cell == cells.end() ? nullptr : &*cell;
}

/// Whether the node can hold any part of the guest, or its cell there.
bool has_room(const Problem& problem, const FreeNode& node, const Room& room) {
  const GuestNeeds& guest_needs = problem.guest_needs;
  if (guest_needs.cells.empty()) return room.threads > 0 && room.memory >= least_page(guest_needs.memory);
  const CellRequest* cell = cell_on(problem, node);
  MemoryRequest part = guest_needs.memory;
  if (cell) part.bytes = cell->memory_bytes;
  return cell && room.threads >= cell->vcpus && share_on(node.node, part);
}

/// Each set of nodes that share a package. A node of no known package is alone.
std::vector<std::vector<bool>> packages(const FreeResources& resources) {
  CpuSet ids;
  for (const FreeNode& node : resources.nodes) ids |= node.packages;
  std::vector<std::vector<bool>> packages;
  for (const unsigned id : ids) {
    auto& nodes = packages.emplace_back();
    for (const FreeNode& node : resources.nodes) nodes.push_back(node.packages.contains(id));
  }
  for (std::size_t node = 0; node < resources.nodes.size(); ++node)
    if (resources.nodes[node].packages.empty()) {
      packages.emplace_back(resources.nodes.size(), false);
      packages.back()[node] = true;
    }
  return packages;
}

}  // namespace

std::vector<Ground> grounds(const FreeResources& resources, const Problem& problem) {
  const std::vector<bool> all(resources.nodes.size(), true), none(resources.nodes.size(), false);
  std::vector<Ground> grounds;
  switch (problem.numa) {
    case NumaPolicy::Required:
      grounds.push_back({all, none});
      break;
    case NumaPolicy::Preferred:
      grounds.push_back({all, all});
      break;
    case NumaPolicy::Socket:
      for (auto& package : packages(resources)) grounds.push_back({package, package});
  }
  if (!problem.guest_needs.cells.empty())
    for (Ground& ground : grounds)
      for (std::size_t node = 0; node < resources.nodes.size(); ++node)
        ground.beside[node] = cell_on(problem, resources.nodes[node]) != nullptr;
  return grounds;
}

Ground with_room(const FreeResources& resources, const Problem& problem, Ground ground,
                 const std::vector<Room>& rooms) {
  for (std::size_t node = 0; node < rooms.size(); ++node)
    if (!has_room(problem, resources.nodes[node], rooms[node]))
      ground.with_gpus[node] = ground.beside[node] = false;
  return ground;
}

bool too_small(const FreeResources& resources, const Problem& problem, const Ground& ground,
               const std::vector<Room>& rooms) {
  const GuestNeeds& guest_needs = problem.guest_needs;
  if (!guest_needs.cells.empty())
    return static_cast<std::size_t>(std::ranges::count(ground.beside, true)) != guest_needs.cells.size();
  const Room needed = needed_room(guest_needs);
  std::vector<std::uint64_t> threads, memory;
  bool beside = false;
  for (std::size_t node = 0; node < rooms.size(); ++node) {
    beside = beside || ground.beside[node];
    if (!ground.with_gpus[node] && !ground.beside[node]) continue;
    threads.push_back(rooms[node].threads);
    memory.push_back(std::min(rooms[node].memory, needed.memory));
  }
  const std::size_t nodes =
      beside ? needed.cells : std::min(needed.cells, problem.gpus + resources.devices.size());
  const auto most = [&](std::vector<std::uint64_t>& of_nodes) {
    std::ranges::sort(of_nodes, std::greater<>());
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < std::min(nodes, of_nodes.size()); ++at) sum += of_nodes[at];
    return sum;
  };
  return most(threads) < needed.threads || most(memory) < needed.memory;
}

SplitNodes split_nodes(const Ground& ground, const std::vector<UsedNode>& needed) {
  SplitNodes nodes{needed, {}};
  for (std::size_t node = 0; node < ground.beside.size(); ++node)
    if (ground.beside[node] && std::ranges::find(needed, node, &UsedNode::node) == needed.end())
      nodes.optional.push_back(node);
  return nodes;
}

}  // namespace gpupass
