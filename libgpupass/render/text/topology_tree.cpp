// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/topology_tree.hpp"

#include <algorithm>

#include "values/card.hpp"

namespace gpupass {

namespace {

bool is_of_interest(const PciFunction& function) {
  if (!function.class_code) return false;
  if (is_gpu_class(*function.class_code) || is_nvswitch(function)) return true;
  return (is_network(function) || is_nvme(function)) && !function.physical_function;
}

/// The packages that share a CPU with the node.
std::vector<unsigned> packages_of(const Host& host, const NumaNode& node) {
  std::vector<unsigned> packages;
  if (!host.cpus) return packages;
  for (const Package& package : host.cpus->packages)
    if (package.cpus.intersects(node.cpus.value_or({}))) packages.push_back(package.id);
  return packages;
}

TopologyNode& node_for(std::vector<TopologyNode>& nodes, const Fact<int>& id) {
  const std::optional<int> wanted = id ? std::optional(*id) : std::nullopt;
  const auto found = std::ranges::find(nodes, wanted, &TopologyNode::id);
  if (found != nodes.end()) return *found;
  return nodes.emplace_back(TopologyNode{.id = wanted, .node = nullptr, .packages = {}, .devices = {}});
}

TopologyBranch& branch_for(std::vector<TopologyBranch>& branches, const PciFunction& function) {
  const auto found = std::ranges::find(branches, &function, &TopologyBranch::function);
  if (found != branches.end()) return *found;
  return branches.emplace_back(TopologyBranch{.function = &function, .below = {}});
}

void hang(TopologyNode& node, const Host& host, const PciFunction& function) {
  std::vector<TopologyBranch>* level = &node.devices;
  const auto path = path_to_root(host, function);
  for (auto bridge = path.rbegin(); bridge != path.rend(); ++bridge)
    level = &branch_for(*level, **bridge).below;
  branch_for(*level, function);
}

}  // namespace

std::vector<TopologyNode> topology_of(const Host& host) {
  std::vector<TopologyNode> nodes;
  if (host.numa_nodes)
    for (const NumaNode& node : *host.numa_nodes)
      nodes.push_back({.id = static_cast<int>(node.id),
                       .node = &node,
                       .packages = packages_of(host, node),
                       .devices = {}});
  for (const PciFunction& function : host.functions)
    if (is_of_interest(function)) hang(node_for(nodes, nearest_numa_node(host, function)), host, function);
  const auto order = [](const TopologyNode& node) {
    return std::pair(!node.id.has_value(), node.id.value_or(0));
  };
  std::ranges::stable_sort(nodes, {}, order);
  return nodes;
}

}  // namespace gpupass
