// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/gpu_distance.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "values/numa.hpp"

namespace gpupass {

namespace {

bool directly_linked(const Host& host, PciAddress one, PciAddress other) {
  if (!host.direct_links) return false;
  const auto& [first, second] = std::minmax(one, other);
  return std::ranges::any_of(*host.direct_links, [&](const DirectLink& link) {
    return link.first == first && link.second == second;
  });
}

/// How many bridges are below the nearest one that both are below; nullopt: there is none.
std::optional<std::size_t> bridges_below_common(const Host& host, const PciFunction& one,
                                                const PciFunction& other) {
  const auto path = path_to_root(host, one), others = path_to_root(host, other);
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    const auto meeting = std::ranges::find(others, path[depth]);
    if (meeting != others.end()) return std::max(depth, static_cast<std::size_t>(meeting - others.begin()));
  }
  return std::nullopt;
}

}  // namespace

unsigned node_distance(const Host& host, unsigned one, unsigned other) {
  return distance_of_nodes(host, one, other).value_or(kUnknownDistance);
}

unsigned gpu_distance(const Host& host, const PciFunction& one, const PciFunction& other) {
  if (directly_linked(host, one.address, other.address)) return kDirectlyLinked;
  // A switch is two bridges deep: the downstream port above the device, and the upstream port where both
  // meet.
  if (const auto depth = bridges_below_common(host, one, other))
    return *depth <= 1 ? kSameSwitch : kSameRootPort;
  if (one.root_bus && other.root_bus && *one.root_bus == *other.root_bus) return kSameRootComplex;
  const Fact<int> node = nearest_numa_node(host, one), another = nearest_numa_node(host, other);
  if (!node || !another || *node < 0 || *another < 0) return kUnknownDistance;
  if (*node == *another) return kSameNode;
  return std::clamp(node_distance(host, static_cast<unsigned>(*node), static_cast<unsigned>(*another)),
                    kSameNode + 1, kOtherNode);
}

Way way_of(unsigned distance) {
  switch (distance) {
    case kDirectlyLinked:
      return Way::Xgmi;
    case kSameSwitch:
      return Way::OneSwitch;
    case kSameRootPort:
      return Way::Switches;
    case kSameRootComplex:
      return Way::HostBridge;
    case kSameNode:
      return Way::Node;
    case kUnknownDistance:
      return Way::Unknown;
    default:
      return Way::Nodes;
  }
}

std::string distance_text(unsigned distance) {
  switch (way_of(distance)) {
    case Way::Itself:
    case Way::Xgmi:
      return "linked directly";
    case Way::OneSwitch:
      return "below one switch";
    case Way::Switches:
      return "below one root port";
    case Way::HostBridge:
      return "on one root complex";
    case Way::Node:
      return "on one node";
    case Way::Nodes:
      return distance == kOtherNode ? "on different nodes"
                                    : fmt::format("their nodes at most {} apart", distance);
    case Way::Unknown:
      break;
  }
  return "some of them at a distance that is not known";
}

}  // namespace gpupass
