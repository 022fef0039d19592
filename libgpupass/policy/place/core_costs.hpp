// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "policy/place/cores.hpp"

namespace gpupass {

/// For each node a number, the same for nodes that serve every guest alike.
std::vector<std::size_t> node_kinds(const FreeResources& resources);

/// What so many vCPUs cost on a node, looked up once for all nodes that are alike. Part of place().
class CoreCosts {
 public:
  explicit CoreCosts(const FreeResources& resources)
      : resources_(resources), node_kinds_(node_kinds(resources)) {}

  /// nullopt: the node has not so many.
  std::optional<CoreCost> of(std::size_t node, CoreKind kind, unsigned vcpus);
  const std::vector<std::size_t>& kinds_of_nodes() const { return node_kinds_; }

 private:
  const FreeResources& resources_;
  std::vector<std::size_t> node_kinds_;
  std::map<std::tuple<std::size_t, CoreKind, unsigned>, std::optional<CoreCost>> known_;
};

}  // namespace gpupass
