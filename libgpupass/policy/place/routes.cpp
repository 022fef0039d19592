// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/routes.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace gpupass {

namespace {

// Distances between nodes have few values on real machines; it limits the work for an invented one.
constexpr std::size_t kMostStages = std::size_t{1} << 12;

/// Without the distances to GPUs of other blocks.
GpusCost cost_of(const GpuChoice& choice) {
  GpusCost cost{choice.cost.penalty, 0, choice.cost.distance};
  // GPUs of no known node may be on another node each.
  for (const UsedNode& used_node : choice.nodes)
    cost.nodes += used_node.node == kNowhere ? used_node.gpus : 1;
  return cost;
}

bool more_nodes(const GpusCost& one, const GpusCost& other) {
  return std::pair(one.penalty, one.nodes) > std::pair(other.penalty, other.nodes);
}

/// Splits each kind by the distance from one block more.
/// @returns for each new kind the old one and the distance.
std::vector<std::pair<std::size_t, unsigned>> refine(std::vector<std::size_t>& kinds,
                                                     const std::vector<unsigned>& distances,
                                                     std::size_t first) {
  std::vector<std::pair<std::size_t, unsigned>> refined;
  for (std::size_t block = first; block < kinds.size(); ++block) {
    const std::pair kind(kinds[block], distances[block]);
    const auto known = std::ranges::find(refined, kind);
    kinds[block] = static_cast<std::size_t>(known - refined.begin());
    if (known == refined.end()) refined.push_back(kind);
  }
  return refined;
}

}  // namespace

GpusCost operator+(const GpusCost& one, const GpusCost& other) {
  return {one.penalty + other.penalty, one.nodes + other.nodes, one.distance + other.distance};
}

Routes::Routes(const GpuBlocks& blocks, std::size_t gpus, const Filter& filter,
               const std::optional<GpusCost>& limit, Work& work)
    : blocks_(blocks), gpus_(gpus), kinds_(blocks.blocks.size(), 0) {
  keep(filter);
  count_rests();
  layers_.resize(blocks.blocks.size() + 1);
  layers_.front().push_back({0, {0}, {}, {}, {}});
  any_ = rests_.front()[gpus].has_value();
  if (!any_) return;
  for (std::size_t block = 0; block < blocks.blocks.size(); ++block) extend(block, limit, work);
  add_rests();
}

void Routes::keep(const Filter& filter) {
  for (const auto& block : blocks_.blocks) {
    auto& kept = kept_.emplace_back();
    for (std::size_t choice = 0; choice < block.size(); ++choice)
      if (block[choice].gpus.size() <= gpus_ && filter(block[choice])) kept.push_back(choice);
  }
}

void Routes::count_rests() {
  rests_.assign(kept_.size() + 1, Costs(gpus_ + 1));
  rests_.back().front() = GpusCost{};
  for (std::size_t block = kept_.size(); block-- > 0;)
    for (const std::size_t choice : kept_[block]) {
      const GpuChoice& taken = blocks_.blocks[block][choice];
      GpusCost cost = cost_of(taken);
      cost.distance = 0;
      for (std::size_t gpus = taken.gpus.size(); gpus <= gpus_; ++gpus) {
        const auto& rest = rests_[block + 1][gpus - taken.gpus.size()];
        auto& known = rests_[block][gpus];
        if (rest && (!known || cost + *rest < *known)) known = cost + *rest;
      }
    }
}

void Routes::extend(std::size_t block, const std::optional<GpusCost>& limit, Work& work) {
  const std::size_t own_kind = kinds_[block];
  const auto refined = refine(kinds_, blocks_.distances[block], block + 1);
  std::map<std::pair<std::size_t, std::vector<std::uint64_t>>, std::size_t> known;
  auto& next = layers_[block + 1];
  for (Stage& stage : layers_[block])
    for (const std::size_t choice : kept_[block]) {
      const GpuChoice& taken = blocks_.blocks[block][choice];
      const std::size_t count = taken.gpus.size(), gpus = stage.gpus + count;
      if (gpus > gpus_ || !rests_[block + 1][gpus_ - gpus]) continue;
      GpusCost cost = cost_of(taken);
      cost.distance += count * stage.towards[own_kind];
      const GpusCost from = stage.from + cost;
      if (limit && more_nodes(from + *rests_[block + 1][gpus_ - gpus], *limit)) continue;
      work.spend();
      std::vector<std::uint64_t> towards;
      if (gpus < gpus_)
        for (const auto& [kind, distance] : refined)
          towards.push_back(stage.towards[kind] + count * distance);
      else
        towards.assign(refined.size(), 0);  // No more are taken.
      const auto [at, fresh] = known.try_emplace(std::pair(gpus, std::move(towards)), next.size());
      if (fresh && next.size() == kMostStages) {
        known.erase(at);
        complete_ = false;
        continue;
      }
      if (fresh) next.push_back({gpus, at->first.second, {}, from, {}});
      Stage& to = next[at->second];
      to.from = std::min(to.from, from);
      stage.branches.push_back({choice, at->second, cost});
    }
}

void Routes::add_rests() {
  any_ = !layers_.back().empty();
  for (std::size_t layer = layers_.size() - 1; layer-- > 0;)
    for (Stage& stage : layers_[layer]) {
      std::erase_if(stage.branches, [&](const Branch& branch) {
        return layer + 1 < layers_.size() - 1 && layers_[layer + 1][branch.to].branches.empty();
      });
      for (const Branch& branch : stage.branches) {
        const GpusCost rest = branch.cost + layers_[layer + 1][branch.to].rest;
        if (&branch == &stage.branches.front() || rest < stage.rest) stage.rest = rest;
      }
    }
  any_ = any_ && !layers_.front().front().branches.empty();
}

}  // namespace gpupass
