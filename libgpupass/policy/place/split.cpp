// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/split.hpp"

#include <algorithm>
#include <tuple>

namespace gpupass {

namespace {

CoreCost operator+(const CoreCost& one, const CoreCost& other) {
  return {one.caches + other.caches, one.partial + other.partial, one.left + other.left};
}

/// From here to the last site, with so many vCPUs left to give.
struct Rest {
  std::uint64_t away = 0;
  CoreCost cores;
  unsigned vcpus = 0;  ///< Of the first of these sites.
  bool possible = false;
};

bool better(const Rest& one, const Rest& other) {
  if (one.possible != other.possible) return one.possible;
  return std::tie(one.away, one.cores) < std::tie(other.away, other.cores);
}

/// The vCPUs of each site, for cores of one kind.
class VcpuSplit {
 public:
  VcpuSplit(const Stock& stock, const std::vector<Site>& sites, const Wish& wish, CoreKind kind)
      : stock_(stock), sites_(sites), wish_(wish), kind_(kind) {
    for (const Site& site : sites_) gpus_ += site.gpus;
  }

  /// The best split, or an empty one.
  std::vector<unsigned> best();
  std::uint64_t away() const { return table_.front()[wish_.vcpus].away; }

 private:
  struct Range {
    unsigned least, most;
  };
  std::vector<Range> ranges() const;
  Range as_asked(const Site& site) const;
  void fill(std::size_t at, const Range& range);
  std::uint64_t away(const Site& site, unsigned vcpus) const;

  const Stock& stock_;
  const std::vector<Site>& sites_;
  const Wish& wish_;
  CoreKind kind_;
  std::uint64_t gpus_ = 0;
  std::vector<std::vector<Rest>> table_;  // By first site, then by vCPUs.
};

VcpuSplit::Range VcpuSplit::as_asked(const Site& site) const {
  const unsigned id = stock_.nodes[site.node].node.id;
  const auto cell = std::ranges::find(wish_.cells, id, &CellRequest::node);
  return cell == wish_.cells.end() ? Range{1, 0} : Range{cell->vcpus, cell->vcpus};
}

/// What each site may get. Where every one has room for its part, nothing but the part, rounded down or up,
/// is as near to the GPUs.
std::vector<VcpuSplit::Range> VcpuSplit::ranges() const {
  std::vector<Range> near, wide;
  bool room = gpus_ != 0;
  for (const Site& site : sites_) {
    if (!wish_.cells.empty()) {
      wide.push_back(as_asked(site));
      continue;
    }
    const auto most =
        static_cast<unsigned>(std::min<std::size_t>(threads_of(stock_.nodes[site.node], kind_), wish_.vcpus));
    wide.push_back({1, most});
    const auto part = gpus_ == 0 ? 0U : static_cast<unsigned>(std::uint64_t{wish_.vcpus} * site.gpus / gpus_);
    const bool exact = gpus_ != 0 && std::uint64_t{wish_.vcpus} * site.gpus % gpus_ == 0;
    near.push_back({part, exact ? part : part + 1});
    room = room && part >= 1 && near.back().most <= most;
  }
  return room && wish_.cells.empty() ? near : wide;
}

std::uint64_t VcpuSplit::away(const Site& site, unsigned vcpus) const {
  const std::uint64_t here = vcpus * std::max<std::uint64_t>(gpus_, 1),
                      part = std::uint64_t{wish_.vcpus} * site.gpus;
  return here > part ? here - part : 0;
}

void VcpuSplit::fill(std::size_t at, const Range& range) {
  const NodeStock& node = stock_.nodes[sites_[at].node];
  // More for the lower node first: it wins where others are no better.
  for (unsigned vcpus = range.most; vcpus >= range.least && vcpus > 0; --vcpus) {
    const auto choice = choose_cores(node, kind_, vcpus);
    if (!choice) continue;
    for (unsigned total = vcpus; total <= wish_.vcpus; ++total) {
      const Rest& rest = table_[at + 1][total - vcpus];
      if (!rest.possible) continue;
      const Rest candidate{rest.away + away(sites_[at], vcpus), rest.cores + choice->cost, vcpus, true};
      if (better(candidate, table_[at][total])) table_[at][total] = candidate;
    }
  }
}

std::vector<unsigned> VcpuSplit::best() {
  const std::vector<Range> all = ranges();
  std::uint64_t room = 0;
  for (const Range& range : all) room += range.most;
  if (room < wish_.vcpus) return {};
  table_.assign(sites_.size() + 1, std::vector<Rest>(wish_.vcpus + 1));
  table_.back().front().possible = true;
  for (std::size_t at = sites_.size(); at-- > 0;) fill(at, all[at]);
  std::vector<unsigned> vcpus;
  if (!table_.front()[wish_.vcpus].possible) return vcpus;
  for (unsigned left = wish_.vcpus; vcpus.size() < sites_.size(); left -= vcpus.back())
    vcpus.push_back(table_[vcpus.size()][left].vcpus);
  return vcpus;
}

// --- memory --------------------------------------------------------------------------------------

std::optional<std::vector<MemoryShare>> memory_as_asked(const Stock& stock, const std::vector<Site>& sites,
                                                        const Wish& wish) {
  std::vector<MemoryShare> shares;
  for (const Site& site : sites) {
    const NumaNode& node = stock.nodes[site.node].node;
    const auto cell = std::ranges::find(wish.cells, node.id, &CellRequest::node);
    if (cell == wish.cells.end()) return std::nullopt;
    MemoryRequest part = wish.memory;
    part.bytes = cell->memory_bytes;
    const auto share = share_on(node, part);
    if (!share) return std::nullopt;
    shares.push_back(*share);
  }
  return shares;
}

/// As the GPUs are; where a node has none, as the vCPUs are.
std::optional<std::vector<MemoryShare>> split_memory(const Stock& stock, const std::vector<Site>& sites,
                                                     const Wish& wish, const std::vector<unsigned>& vcpus) {
  if (!wish.cells.empty()) return memory_as_asked(stock, sites, wish);
  const bool by_gpus = std::ranges::none_of(sites, [](const Site& site) { return site.gpus == 0; });
  std::vector<const NumaNode*> nodes;
  std::vector<std::uint64_t> weights;
  for (std::size_t at = 0; at < sites.size(); ++at) {
    nodes.push_back(&stock.nodes[sites[at].node].node);
    weights.push_back(by_gpus ? sites[at].gpus : vcpus[at]);
  }
  return split_memory(nodes, weights, wish.memory);
}

std::uint64_t spill_of(const Stock& stock, const std::vector<Site>& sites) {
  std::uint64_t spill = 0;
  for (const Site& site : sites) {
    if (site.gpus != 0) continue;
    unsigned nearest = 0;
    for (const Site& other : sites)
      if (other.gpus != 0)
        nearest = nearest == 0 ? stock.node_distances[other.node][site.node]
                               : std::min(nearest, stock.node_distances[other.node][site.node]);
    spill += nearest;
  }
  return spill;
}

std::optional<Split> split_with(const Stock& stock, const std::vector<Site>& sites, const Wish& wish,
                                CoreKind kind) {
  // Whether the memory fits does not depend on how the vCPUs are split.
  if (!split_memory(stock, sites, wish, std::vector<unsigned>(sites.size(), 1))) return std::nullopt;
  VcpuSplit vcpu_split(stock, sites, wish, kind);
  const std::vector<unsigned> vcpus = vcpu_split.best();
  if (vcpus.empty()) return std::nullopt;
  const auto memory = split_memory(stock, sites, wish, vcpus);
  if (!memory) return std::nullopt;
  Split split;
  split.kind = kind;
  split.cost.away = vcpu_split.away();
  split.cost.nodes = sites.size();
  split.cost.spill = spill_of(stock, sites);
  for (std::size_t at = 0; at < sites.size(); ++at) {
    CoreChoice cores = *choose_cores(stock.nodes[sites[at].node], kind, vcpus[at]);
    split.cost.cores = split.cost.cores + cores.cost;
    split.cells.push_back({sites[at].node, vcpus[at], std::move(cores), (*memory)[at]});
  }
  return split;
}

}  // namespace

std::optional<Split> split_over(const Stock& stock, const std::vector<Site>& sites, const Wish& wish) {
  std::vector<CoreKind> kinds = core_kinds(stock);
  if (kinds.size() > 1) kinds.push_back(kAnyKind);
  std::optional<Split> best;
  for (std::size_t rank = 0; rank < kinds.size(); ++rank) {
    auto split = split_with(stock, sites, wish, kinds[rank]);
    if (!split) continue;
    split->cost.kind = rank;
    if (!best || split->cost < best->cost) best = std::move(split);
  }
  return best;
}

}  // namespace gpupass
