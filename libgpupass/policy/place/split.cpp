// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/split.hpp"

#include <algorithm>
#include <functional>

#include "policy/place/vcpu_split.hpp"

namespace gpupass {

namespace {

std::optional<std::vector<MemoryShare>> memory_as_asked(const FreeResources& resources,
                                                        const std::vector<UsedNode>& used_nodes,
                                                        const GuestNeeds& guest_needs) {
  std::vector<MemoryShare> shares;
  for (const UsedNode& used_node : used_nodes) {
    const NumaNode& node = resources.nodes[used_node.node].node;
    const auto cell = std::ranges::find(guest_needs.cells, node.id, &CellRequest::node);
    if (cell == guest_needs.cells.end()) return std::nullopt;
    MemoryRequest part = guest_needs.memory;
    part.bytes = cell->memory_bytes;
    const auto share = share_on(node, part);
    if (!share) return std::nullopt;
    shares.push_back(*share);
  }
  return shares;
}

/// As the GPUs are; where a node has none, as the vCPUs are.
std::optional<std::vector<MemoryShare>> memory_of(const FreeResources& resources,
                                                  const std::vector<UsedNode>& used_nodes,
                                                  const GuestNeeds& guest_needs,
                                                  const std::vector<unsigned>& vcpus) {
  if (!guest_needs.cells.empty()) return memory_as_asked(resources, used_nodes, guest_needs);
  const bool by_gpus =
      std::ranges::none_of(used_nodes, [](const UsedNode& used_node) { return used_node.gpus == 0; });
  std::vector<const NumaNode*> nodes;
  std::vector<std::uint64_t> weights;
  for (std::size_t at = 0; at < used_nodes.size(); ++at) {
    nodes.push_back(&resources.nodes[used_nodes[at].node].node);
    weights.push_back(by_gpus ? used_nodes[at].gpus : vcpus[at]);
  }
  return split_memory(nodes, weights, guest_needs.memory);
}

class Splitter {
 public:
  Splitter(const FreeResources& resources, const SplitNodes& nodes, const GuestNeeds& guest_needs,
           CoreCosts& costs, Work& work)
      : resources_(resources), guest_needs_(guest_needs), costs_(costs), work_(work) {
    const MemoryRequest& memory = guest_needs.memory;
    const auto add = [&](const UsedNode& used_node, bool optional) {
      const std::uint64_t spill =
          used_node.gpus == 0 ? distance_to_gpu(resources, used_node.node, nodes.needed) : 0;
      const std::uint64_t room = guest_needs.cells.empty()
                                     ? memory_room(resources.nodes[used_node.node].node, memory)
                                     : memory.bytes;
      if (optional && room == 0) return;
      problem_.nodes.push_back({used_node, optional, spill, std::min(room, memory.bytes)});
    };
    for (const UsedNode& used_node : nodes.needed) add(used_node, false);
    for (const std::size_t node : nodes.optional) add({node, 0}, true);
    std::ranges::sort(problem_.nodes, {}, &SplitNode::used);
    problem_.vcpus = guest_needs.vcpus;
    problem_.cells = guest_needs.cells;
  }

  std::optional<Split> best() {
    const auto all = static_cast<std::size_t>(std::ranges::count(problem_.nodes, true, &SplitNode::optional));
    const bool as_asked = !guest_needs_.cells.empty();
    std::optional<Split> best;
    for (std::size_t extra = as_asked ? all : least_extra(); extra <= all && !best && !work_.ended(); ++extra)
      best = with(extra);
    return best;
  }

 private:
  /// Below it, the optional nodes with most of it have too few threads or too little memory.
  std::size_t least_extra() const {
    const auto least = [&](const auto& room_of, std::uint64_t needed) {
      std::vector<std::uint64_t> optional;
      std::uint64_t sum = 0;
      for (const SplitNode& node : problem_.nodes)
        if (node.optional)
          optional.push_back(room_of(node));
        else
          sum += room_of(node);
      std::ranges::sort(optional, std::greater<>());
      std::size_t count = 0;
      while (sum < needed && count < optional.size()) sum += optional[count++];
      return sum < needed ? count + 1 : count;
    };
    const auto threads = [&](const SplitNode& node) -> std::uint64_t {
      return threads_of(resources_.nodes[node.used.node], kAnyKind);
    };
    const auto memory = [](const SplitNode& node) { return node.memory; };
    const std::size_t any = std::ranges::all_of(problem_.nodes, &SplitNode::optional) ? 1 : 0;
    return std::max({least(threads, problem_.vcpus), least(memory, guest_needs_.memory.bytes), any});
  }

  /// Whether some of the nodes have too little memory, if so many optional ones are used.
  bool is_memory_scarce(std::size_t extra) const {
    std::vector<std::uint64_t> optional;
    std::uint64_t sum = 0;
    for (const SplitNode& node : problem_.nodes)
      if (node.optional)
        optional.push_back(node.memory);
      else
        sum += node.memory;
    std::ranges::sort(optional);
    for (std::size_t at = 0; at < extra; ++at) sum += optional[at];
    return sum < guest_needs_.memory.bytes;
  }

  std::optional<Split> with(std::size_t extra) {
    std::vector<CoreKind> kinds = core_kinds(resources_);
    if (kinds.size() > 1) kinds.push_back(kAnyKind);
    problem_.extra = extra;
    problem_.memory = is_memory_scarce(extra) ? guest_needs_.memory.bytes : 0;
    std::optional<Split> best;
    for (std::size_t rank = 0; rank < kinds.size(); ++rank) {
      auto split = of_kind(kinds[rank]);
      if (!split) continue;
      split->cost.kind = rank;
      if (!best || split->cost < best->cost) best = std::move(split);
    }
    return best;
  }

  std::optional<Split> of_kind(CoreKind kind) {
    const std::vector<unsigned> vcpus = split_vcpus(resources_, problem_, kind, costs_, work_);
    if (vcpus.empty()) return std::nullopt;
    std::vector<UsedNode> used_nodes;
    Split split;
    split.kind = kind;
    std::uint64_t gpus = 0;
    for (const SplitNode& node : problem_.nodes) gpus += node.used.gpus;
    std::vector<unsigned> used_vcpus;
    for (std::size_t at = 0; at < vcpus.size(); ++at) {
      if (vcpus[at] == 0) continue;
      const SplitNode& node = problem_.nodes[at];
      used_nodes.push_back(node.used);
      used_vcpus.push_back(vcpus[at]);
      split.cost.away += away(vcpus[at], node.used.gpus, problem_.vcpus, gpus);
      split.cost.spill += node.spill;
    }
    split.cost.nodes = used_nodes.size();
    const auto memory = memory_of(resources_, used_nodes, guest_needs_, used_vcpus);
    if (!memory) return std::nullopt;
    for (std::size_t at = 0; at < used_nodes.size(); ++at) {
      CoreChoice cores = *choose_cores(resources_.nodes[used_nodes[at].node], kind, used_vcpus[at]);
      split.cost.cores = split.cost.cores + cores.cost;
      split.cells.push_back({used_nodes[at].node, used_vcpus[at], std::move(cores), (*memory)[at]});
    }
    return split;
  }

  const FreeResources& resources_;
  const GuestNeeds& guest_needs_;
  CoreCosts& costs_;
  Work& work_;
  SplitProblem problem_;
};

}  // namespace

std::uint64_t distance_to_gpu(const FreeResources& resources, std::size_t node,
                              const std::vector<UsedNode>& used_nodes) {
  std::optional<unsigned> nearest;
  for (const UsedNode& other : used_nodes)
    if (other.gpus != 0)
      nearest = std::min(nearest.value_or(UINT32_MAX), resources.node_distances[other.node][node]);
  return nearest.value_or(0);
}

std::optional<Split> split_over(const FreeResources& resources, const SplitNodes& nodes,
                                const GuestNeeds& guest_needs, CoreCosts& costs, Work& work) {
  return Splitter(resources, nodes, guest_needs, costs, work).best();
}

}  // namespace gpupass
