// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/split.hpp"

#include <algorithm>
#include <tuple>

namespace gpupass {

namespace {

CoreCost operator+(const CoreCost& one, const CoreCost& other) {
  return {one.caches + other.caches, one.partial + other.partial, one.left + other.left};
}

/// From here to the last node, with so many vCPUs left to give.
struct RestOfSplit {
  std::uint64_t away = 0;
  CoreCost cores;
  unsigned vcpus = 0;  ///< Of the first of these nodes.
  bool possible = false;
};

bool better(const RestOfSplit& one, const RestOfSplit& other) {
  if (one.possible != other.possible) return one.possible;
  return std::tie(one.away, one.cores) < std::tie(other.away, other.cores);
}

/// The vCPUs of each node, for cores of one kind.
class VcpuSplit {
 public:
  VcpuSplit(const FreeResources& resources, const std::vector<UsedNode>& used_nodes,
            const GuestNeeds& guest_needs, CoreKind kind)
      : resources_(resources), used_nodes_(used_nodes), guest_needs_(guest_needs), kind_(kind) {
    for (const UsedNode& used_node : used_nodes_) gpus_ += used_node.gpus;
  }

  /// The best split, or an empty one.
  std::vector<unsigned> best();
  std::uint64_t away() const { return table_.front()[guest_needs_.vcpus].away; }

 private:
  struct Range {
    unsigned least, most;
  };
  std::vector<Range> ranges() const;
  Range as_asked(const UsedNode& used_node) const;
  void fill(std::size_t at, const Range& range);
  std::uint64_t away(const UsedNode& used_node, unsigned vcpus) const;

  const FreeResources& resources_;
  const std::vector<UsedNode>& used_nodes_;
  const GuestNeeds& guest_needs_;
  CoreKind kind_;
  std::uint64_t gpus_ = 0;
  std::vector<std::vector<RestOfSplit>> table_;  // By first node, then by vCPUs.
};

VcpuSplit::Range VcpuSplit::as_asked(const UsedNode& used_node) const {
  const unsigned id = resources_.nodes[used_node.node].node.id;
  const auto cell = std::ranges::find(guest_needs_.cells, id, &CellRequest::node);
  return cell == guest_needs_.cells.end() ? Range{1, 0} : Range{cell->vcpus, cell->vcpus};
}

/// What each node may get. Where every one has room for its part, nothing but the part, rounded down or
/// up, is as near to the GPUs.
std::vector<VcpuSplit::Range> VcpuSplit::ranges() const {
  std::vector<Range> near, wide;
  bool room = gpus_ != 0;
  for (const UsedNode& used_node : used_nodes_) {
    if (!guest_needs_.cells.empty()) {
      wide.push_back(as_asked(used_node));
      continue;
    }
    const auto most = static_cast<unsigned>(
        std::min<std::size_t>(threads_of(resources_.nodes[used_node.node], kind_), guest_needs_.vcpus));
    wide.push_back({1, most});
    const auto part =
        gpus_ == 0 ? 0U : static_cast<unsigned>(std::uint64_t{guest_needs_.vcpus} * used_node.gpus / gpus_);
    const bool exact = gpus_ != 0 && std::uint64_t{guest_needs_.vcpus} * used_node.gpus % gpus_ == 0;
    near.push_back({part, exact ? part : part + 1});
    room = room && part >= 1 && near.back().most <= most;
  }
  return room && guest_needs_.cells.empty() ? near : wide;
}

std::uint64_t VcpuSplit::away(const UsedNode& used_node, unsigned vcpus) const {
  const std::uint64_t here = vcpus * std::max<std::uint64_t>(gpus_, 1),
                      part = std::uint64_t{guest_needs_.vcpus} * used_node.gpus;
  return here > part ? here - part : 0;
}

void VcpuSplit::fill(std::size_t at, const Range& range) {
  const FreeNode& node = resources_.nodes[used_nodes_[at].node];
  // More for the lower node first: it wins where others are no better.
  for (unsigned vcpus = range.most; vcpus >= range.least && vcpus > 0; --vcpus) {
    const auto choice = choose_cores(node, kind_, vcpus);
    if (!choice) continue;
    for (unsigned total = vcpus; total <= guest_needs_.vcpus; ++total) {
      const RestOfSplit& rest = table_[at + 1][total - vcpus];
      if (!rest.possible) continue;
      const RestOfSplit candidate{rest.away + away(used_nodes_[at], vcpus), rest.cores + choice->cost, vcpus,
                                  true};
      if (better(candidate, table_[at][total])) table_[at][total] = candidate;
    }
  }
}

std::vector<unsigned> VcpuSplit::best() {
  const std::vector<Range> all = ranges();
  std::uint64_t room = 0;
  for (const Range& range : all) room += range.most;
  if (room < guest_needs_.vcpus) return {};
  table_.assign(used_nodes_.size() + 1, std::vector<RestOfSplit>(guest_needs_.vcpus + 1));
  table_.back().front().possible = true;
  for (std::size_t at = used_nodes_.size(); at-- > 0;) fill(at, all[at]);
  std::vector<unsigned> vcpus;
  if (!table_.front()[guest_needs_.vcpus].possible) return vcpus;
  for (unsigned left = guest_needs_.vcpus; vcpus.size() < used_nodes_.size(); left -= vcpus.back())
    vcpus.push_back(table_[vcpus.size()][left].vcpus);
  return vcpus;
}

// --- memory ---

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
std::optional<std::vector<MemoryShare>> split_memory(const FreeResources& resources,
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

std::uint64_t spill_of(const FreeResources& resources, const std::vector<UsedNode>& used_nodes) {
  std::uint64_t spill = 0;
  for (const UsedNode& used_node : used_nodes) {
    if (used_node.gpus != 0) continue;
    unsigned nearest = 0;
    for (const UsedNode& other : used_nodes)
      if (other.gpus != 0)
        nearest = nearest == 0 ? resources.node_distances[other.node][used_node.node]
                               : std::min(nearest, resources.node_distances[other.node][used_node.node]);
    spill += nearest;
  }
  return spill;
}

std::optional<Split> split_with(const FreeResources& resources, const std::vector<UsedNode>& used_nodes,
                                const GuestNeeds& guest_needs, CoreKind kind) {
  // Whether the memory fits does not depend on how the vCPUs are split.
  if (!split_memory(resources, used_nodes, guest_needs, std::vector<unsigned>(used_nodes.size(), 1)))
    return std::nullopt;
  VcpuSplit vcpu_split(resources, used_nodes, guest_needs, kind);
  const std::vector<unsigned> vcpus = vcpu_split.best();
  if (vcpus.empty()) return std::nullopt;
  const auto memory = split_memory(resources, used_nodes, guest_needs, vcpus);
  if (!memory) return std::nullopt;
  Split split;
  split.kind = kind;
  split.cost.away = vcpu_split.away();
  split.cost.nodes = used_nodes.size();
  split.cost.spill = spill_of(resources, used_nodes);
  for (std::size_t at = 0; at < used_nodes.size(); ++at) {
    CoreChoice cores = *choose_cores(resources.nodes[used_nodes[at].node], kind, vcpus[at]);
    split.cost.cores = split.cost.cores + cores.cost;
    split.cells.push_back({used_nodes[at].node, vcpus[at], std::move(cores), (*memory)[at]});
  }
  return split;
}

}  // namespace

std::optional<Split> split_over(const FreeResources& resources, const std::vector<UsedNode>& used_nodes,
                                const GuestNeeds& guest_needs) {
  std::vector<CoreKind> kinds = core_kinds(resources);
  if (kinds.size() > 1) kinds.push_back(kAnyKind);
  std::optional<Split> best;
  for (std::size_t rank = 0; rank < kinds.size(); ++rank) {
    auto split = split_with(resources, used_nodes, guest_needs, kinds[rank]);
    if (!split) continue;
    split->cost.kind = rank;
    if (!best || split->cost < best->cost) best = std::move(split);
  }
  return best;
}

}  // namespace gpupass
