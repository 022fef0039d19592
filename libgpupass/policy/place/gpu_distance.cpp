// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/gpu_distance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "values/numa.hpp"

namespace gpupass {

namespace {

/// What the distance from a function depends on, looked up once.
struct Spot {
  const PciFunction* function = nullptr;
  std::vector<const PciFunction*> bridges;  ///< From the nearest one to the root port.
  std::optional<unsigned> node;
};

Spot spot_of(const Host& host, const PciFunction* function) {
  if (!function) return {};
  Spot spot{function, path_to_root(host, *function), std::nullopt};
  if (const Fact<int> node = nearest_numa_node(host, *function); node && *node >= 0)
    spot.node = static_cast<unsigned>(*node);
  return spot;
}

/// How many bridges are below the nearest one that both are below; nullopt: there is none.
std::optional<std::size_t> bridges_below_common(const Spot& one, const Spot& other) {
  if (one.bridges.empty() || other.bridges.empty() || one.bridges.back() != other.bridges.back())
    return std::nullopt;
  for (std::size_t depth = 0; depth < one.bridges.size(); ++depth) {
    const auto meeting = std::ranges::find(other.bridges, one.bridges[depth]);
    if (meeting != other.bridges.end())
      return std::max(depth, static_cast<std::size_t>(meeting - other.bridges.begin()));
  }
  return std::nullopt;
}

class Measure {
 public:
  explicit Measure(const Host& host) : host_(host) {
    if (host.direct_links)
      for (const DirectLink& link : *host.direct_links) links_.emplace(link.first, link.second);
  }

  unsigned between(const Spot& one, const Spot& other) {
    if (!one.function || !other.function) return kUnknownDistance;
    if (!links_.empty() && links_.contains(std::minmax(one.function->address, other.function->address)))
      return kDirectlyLinked;
    // A switch is two bridges deep: the downstream port above the device, and the upstream port where both
    // meet.
    if (const auto depth = bridges_below_common(one, other)) return *depth <= 1 ? kSameSwitch : kSameRootPort;
    const auto &bus = one.function->root_bus, &other_bus = other.function->root_bus;
    if (bus && other_bus && *bus == *other_bus) return kSameRootComplex;
    if (!one.node || !other.node) return kUnknownDistance;
    if (*one.node == *other.node) return kSameNode;
    return std::clamp(of_nodes(*one.node, *other.node), kSameNode + 1, kOtherNode);
  }

 private:
  unsigned of_nodes(unsigned one, unsigned other) {
    const auto [known, fresh] = of_nodes_.try_emplace({one, other}, 0);
    if (fresh) known->second = node_distance(host_, one, other);
    return known->second;
  }

  const Host& host_;
  std::set<std::pair<PciAddress, PciAddress>> links_;
  std::map<std::pair<unsigned, unsigned>, unsigned> of_nodes_;
};

}  // namespace

unsigned node_distance(const Host& host, unsigned one, unsigned other) {
  return distance_of_nodes(host, one, other).value_or(kUnknownDistance);
}

Distances gpu_distances(const Host& host, const std::vector<const PciFunction*>& functions) {
  std::vector<Spot> spots;
  for (const PciFunction* function : functions) spots.push_back(spot_of(host, function));
  Measure measure(host);
  Distances distances(spots.size(), std::vector<unsigned>(spots.size(), 0));
  for (std::size_t one = 0; one < spots.size(); ++one)
    for (std::size_t other = 0; other < one; ++other)
      distances[one][other] = distances[other][one] = measure.between(spots[one], spots[other]);
  return distances;
}

std::vector<unsigned> distances_from(const Host& host, const PciFunction& function,
                                     const std::vector<const PciFunction*>& others) {
  const Spot spot = spot_of(host, &function);
  Measure measure(host);
  std::vector<unsigned> distances;
  for (const PciFunction* other : others) distances.push_back(measure.between(spot, spot_of(host, other)));
  return distances;
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
