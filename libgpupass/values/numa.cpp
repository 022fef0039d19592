// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/numa.hpp"

#include <algorithm>

namespace gpupass {

const NumaNode* find_node(const Host& host, unsigned id) {
  if (!host.numa_nodes) return nullptr;
  const auto node = std::ranges::find(*host.numa_nodes, id, &NumaNode::id);
  return node == host.numa_nodes->end() ? nullptr : &*node;
}

std::optional<unsigned> distance_of_nodes(const Host& host, unsigned from, unsigned to) {
  if (!host.numa_nodes) return std::nullopt;
  const std::vector<NumaNode>& nodes = *host.numa_nodes;
  const auto start = std::ranges::find(nodes, from, &NumaNode::id);
  const auto end = std::ranges::find(nodes, to, &NumaNode::id);
  if (start == nodes.end() || end == nodes.end() || !start->distances) return std::nullopt;
  const auto column = static_cast<std::size_t>(end - nodes.begin());
  if (column >= start->distances->size()) return std::nullopt;
  return (*start->distances)[column];
}

}  // namespace gpupass
