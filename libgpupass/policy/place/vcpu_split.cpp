// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/vcpu_split.hpp"

#include <algorithm>
#include <tuple>

namespace gpupass {

namespace {

/// From a node to the last one.
struct RestOfSplit {
  std::uint64_t away = 0, spill = 0;
  CoreCost cores;
  std::uint64_t memory = 0;
  unsigned vcpus = 0;    ///< Of the first of these nodes.
  std::size_t next = 0;  ///< The rest from the next node on.
};

struct Range {
  unsigned least = 1, most = 0;
};

class VcpuSplit {
 public:
  VcpuSplit(const FreeResources& resources, const SplitProblem& problem, CoreKind kind, CoreCosts& costs,
            Work& work)
      : resources_(resources), problem_(problem), kind_(kind), costs_(costs), work_(work) {
    for (const SplitNode& node : problem.nodes) gpus_ += node.used.gpus;
  }

  std::vector<unsigned> best();

 private:
  // The undominated rests by vCPUs and by optional nodes that are left to use.
  using Rests = std::vector<std::vector<std::size_t>>;
  std::vector<std::size_t>& at(Rests& rests, std::size_t extra, std::size_t vcpus) const {
    return rests[extra * (problem_.vcpus + 1) + vcpus];
  }
  std::vector<Range> ranges() const;
  Range as_asked(std::size_t node) const;
  void use(const SplitNode& node, const Range& range, Rests& next, Rests& here);
  void leave_out(Rests& next, Rests& here);
  void add(const RestOfSplit& rest, std::vector<std::size_t>& others);

  const FreeResources& resources_;
  const SplitProblem& problem_;
  CoreKind kind_;
  CoreCosts& costs_;
  Work& work_;
  std::uint64_t gpus_ = 0;
  std::vector<RestOfSplit> rests_;
};

Range VcpuSplit::as_asked(std::size_t node) const {
  const auto cell = std::ranges::find(problem_.cells, resources_.nodes[node].node.id, &CellRequest::node);
  return cell == problem_.cells.end() ? Range{} : Range{cell->vcpus, cell->vcpus};
}

/// What each node may get. Where every one has room for its part, nothing but the part, rounded down or
/// up, is as near to the GPUs.
std::vector<Range> VcpuSplit::ranges() const {
  std::vector<Range> near, wide;
  bool room = gpus_ != 0 && problem_.cells.empty();
  for (const SplitNode& node : problem_.nodes) {
    if (!problem_.cells.empty()) {
      wide.push_back(as_asked(node.used.node));
      continue;
    }
    const auto most = static_cast<unsigned>(
        std::min<std::size_t>(threads_of(resources_.nodes[node.used.node], kind_), problem_.vcpus));
    wide.push_back({1, most});
    const std::uint64_t parts = std::uint64_t{problem_.vcpus} * node.used.gpus;
    const auto part = gpus_ == 0 ? 0U : static_cast<unsigned>(parts / gpus_);
    near.push_back({part, gpus_ != 0 && parts % gpus_ == 0 ? part : part + 1});
    room = room && part >= 1 && near.back().most <= most;
  }
  return room ? near : wide;
}

void VcpuSplit::add(const RestOfSplit& rest, std::vector<std::size_t>& others) {
  const auto no_worse = [](const RestOfSplit& one, const RestOfSplit& other) {
    return one.memory >= other.memory &&
           std::tie(one.away, one.spill, one.cores) <= std::tie(other.away, other.spill, other.cores);
  };
  if (std::ranges::any_of(others, [&](std::size_t other) { return no_worse(rests_[other], rest); })) return;
  std::size_t place = rests_.size();
  std::erase_if(others, [&](std::size_t other) {
    if (!no_worse(rest, rests_[other])) return false;
    place = other;
    return true;
  });
  if (place == rests_.size()) rests_.emplace_back();
  rests_[place] = rest;
  others.push_back(place);
}

void VcpuSplit::use(const SplitNode& node, const Range& range, Rests& next, Rests& here) {
  // More for the lower node first: it wins where others are no better.
  for (unsigned vcpus = range.most; vcpus >= range.least && vcpus > 0; --vcpus) {
    const auto cores = costs_.of(node.used.node, kind_, vcpus);
    if (!cores) continue;
    const std::uint64_t beyond = away(vcpus, node.used.gpus, problem_.vcpus, gpus_);
    for (std::size_t extra = node.optional ? 1 : 0; extra <= problem_.extra; ++extra)
      for (unsigned total = vcpus; total <= problem_.vcpus; ++total)
        for (const std::size_t place : at(next, extra - (node.optional ? 1 : 0), total - vcpus)) {
          if (!work_.spend()) return;
          const RestOfSplit& rest = rests_[place];
          add({rest.away + beyond, rest.spill + node.spill, rest.cores + *cores,
               std::min(rest.memory + node.memory, problem_.memory), vcpus, place},
              at(here, extra, total));
        }
  }
}

void VcpuSplit::leave_out(Rests& next, Rests& here) {
  for (std::size_t place = 0; place < next.size(); ++place)
    for (const std::size_t from : next[place]) {
      RestOfSplit rest = rests_[from];
      rest.vcpus = 0;
      rest.next = from;
      add(rest, here[place]);
    }
}

std::vector<unsigned> VcpuSplit::best() {
  const std::vector<Range> all = ranges();
  std::uint64_t room = 0;
  for (const Range& range : all) room += range.most;
  if (room < problem_.vcpus) return {};
  const std::size_t size = (problem_.extra + 1) * (problem_.vcpus + 1);
  Rests next(size);
  rests_.push_back({});
  next.front().push_back(0);
  for (std::size_t node = problem_.nodes.size(); node-- > 0;) {
    Rests here(size);
    use(problem_.nodes[node], all[node], next, here);
    if (problem_.nodes[node].optional) leave_out(next, here);
    next = std::move(here);
  }
  std::optional<std::size_t> best;
  for (const std::size_t place : next.back())
    if (const RestOfSplit& rest = rests_[place];
        rest.memory >= problem_.memory &&
        (!best || std::tie(rest.away, rest.spill, rest.cores) <
                      std::tie(rests_[*best].away, rests_[*best].spill, rests_[*best].cores)))
      best = place;
  std::vector<unsigned> vcpus;
  if (!best || work_.ended()) return vcpus;
  for (std::size_t place = *best; vcpus.size() < problem_.nodes.size(); place = rests_[place].next)
    vcpus.push_back(rests_[place].vcpus);
  return vcpus;
}

}  // namespace

std::uint64_t away(unsigned vcpus_here, unsigned gpus_here, unsigned vcpus, std::uint64_t gpus) {
  const std::uint64_t here = vcpus_here * std::max<std::uint64_t>(gpus, 1),
                      part = std::uint64_t{vcpus} * gpus_here;
  return here > part ? here - part : 0;
}

std::vector<unsigned> split_vcpus(const FreeResources& resources, const SplitProblem& problem, CoreKind kind,
                                  CoreCosts& costs, Work& work) {
  return VcpuSplit(resources, problem, kind, costs, work).best();
}

}  // namespace gpupass
