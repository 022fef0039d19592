// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/gpu_choices.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "policy/place/gpu.hpp"

namespace gpupass {

namespace {

// No board links its GPUs so irregularly; it limits the work for an invented one.
constexpr std::size_t kMostSets = std::size_t{1} << 16;

GpuCost operator+(const GpuCost& one, const GpuCost& other) {
  return {one.penalty + other.penalty, one.distance + other.distance, one.left_apart + other.left_apart};
}

void add(GpuChoices& choices, GpuChoice choice) {
  const auto [known, fresh] = choices.try_emplace(choice.nodes, choice);
  if (!fresh && std::tie(choice.cost, choice.gpus) < std::tie(known->second.cost, known->second.gpus))
    known->second = std::move(choice);
}

std::vector<UsedNode> all_nodes(const std::vector<UsedNode>& some, const std::vector<UsedNode>& others) {
  std::vector<UsedNode> nodes;
  auto left = some.begin(), right = others.begin();
  while (left != some.end() || right != others.end())
    if (right == others.end() || (left != some.end() && left->node < right->node))
      nodes.push_back(*left++);
    else if (left == some.end() || right->node < left->node)
      nodes.push_back(*right++);
    else
      nodes.push_back({left->node, left++->gpus + right++->gpus});
  return nodes;
}

/// What it costs to take so many of a group that the kernel gives to one guest alone; nullopt: not possible.
std::optional<std::uint64_t> price_of(const Unit& unit, std::size_t taken) {
  if (taken == 0) return 0;
  if (unit.whole && taken < unit.gpus) return std::nullopt;
  return (unit.gpus - std::min<std::size_t>(taken, unit.gpus)) * kMateLeft;
}

/// Every set of some GPUs; of those that differ in nothing but their address the lowest are taken first.
class Enumeration {
 public:
  Enumeration(const FreeResources& resources, const std::vector<GpuCost>& alone, const GpuSet& gpus,
              bool units, std::size_t most)
      : resources_(resources), alone_(alone), gpus_(gpus), units_(units), most_(most) {
    for (std::size_t at = 0; at < gpus.size(); ++at) {
      std::size_t twin = at;
      for (std::size_t other = at; other-- > 0 && twin == at;)
        if (alike(gpus[at], gpus[other])) twin = other;
      twins_.push_back(twin);
    }
    chosen_.assign(gpus.size(), false);
  }

  bool run(Work& work) {
    extend(0, {}, work);
    return complete_;
  }
  GpuChoices found;

 private:
  bool alike(std::size_t one, std::size_t other) const {
    const FreeDevice &left = resources_.gpus[one], &right = resources_.gpus[other];
    if (left.node != right.node || alone_[one] != alone_[other] || left.unit != right.unit) return false;
    return std::ranges::all_of(gpus_, [&](std::size_t third) {
      return third == one || third == other ||
             resources_.distances[one][third] == resources_.distances[other][third];
    });
  }

  void extend(std::size_t from, const GpuCost& cost, Work& work) {
    if (sets_++ >= kMostSets || !work.spend()) {
      complete_ = false;
      return;
    }
    record(cost);
    if (taken_.size() == most_) return;
    for (std::size_t at = from; at < gpus_.size() && complete_; ++at) {
      if (twins_[at] != at && !chosen_[twins_[at]]) continue;
      GpuCost more = cost + alone_[gpus_[at]];
      for (const std::size_t other : taken_) {
        more.distance += resources_.distances[gpus_[at]][other];
        more.left_apart += resources_.distances[gpus_[at]][other];
      }
      chosen_[at] = true;
      taken_.push_back(gpus_[at]);
      extend(at + 1, more, work);
      taken_.pop_back();
      chosen_[at] = false;
    }
  }

  void record(GpuCost cost) {
    std::map<std::size_t, unsigned> counts;
    std::map<PciAddress, std::pair<Unit, std::size_t>> units;
    for (const std::size_t gpu : taken_) {
      ++counts[resources_.gpus[gpu].node.value_or(kNowhere)];
      if (const auto& unit = resources_.gpus[gpu].unit; unit && units_)
        ++units.try_emplace(unit->first, *unit, 0U).first->second.second;
    }
    for (const auto& [first, unit] : units) {
      const auto price = price_of(unit.first, unit.second);
      if (!price) return;
      cost.penalty += *price;
    }
    GpuChoice choice{{}, taken_, cost};
    for (const auto& [node, gpus] : counts) choice.nodes.push_back({node, gpus});
    add(found, std::move(choice));
  }

  const FreeResources& resources_;
  const std::vector<GpuCost>& alone_;
  const GpuSet& gpus_;
  bool units_;
  std::size_t most_;
  std::vector<std::size_t> twins_;  // The nearest lower GPU like this one, or itself.
  std::vector<bool> chosen_;
  GpuSet taken_;
  std::size_t sets_ = 0;
  bool complete_ = true;
};

}  // namespace

std::vector<GpuCost> costs_alone(const FreeResources& resources) {
  std::vector<GpuCost> costs;
  for (std::size_t gpu = 0; gpu < resources.gpus.size(); ++gpu) {
    const auto& row = resources.distances[gpu];
    GpuCost cost{resources.gpus[gpu].penalty, 0, 0};
    for (std::size_t other = 0; other < row.size(); ++other)
      if (other < resources.gpus.size())
        cost.left_apart -= row[other];
      else
        cost.distance += row[other];
    costs.push_back(cost);
  }
  return costs;
}

GpuChoices ChoicesOfGpus::of_one(std::size_t gpu) const {
  GpuChoices choices;
  add(choices, {});
  if (most_ > 0) add(choices, {{{resources_.gpus[gpu].node.value_or(kNowhere), 1}}, {gpu}, alone_[gpu]});
  return choices;
}

bool ChoicesOfGpus::of_one_unit(const GpuSet& gpus) const {
  const auto& unit = resources_.gpus[gpus.front()].unit;
  return unit &&
         std::ranges::all_of(gpus, [&](std::size_t gpu) { return resources_.gpus[gpu].unit == unit; });
}

/// As if they were alone, and then with the price of those that stay behind.
GpuChoices ChoicesOfGpus::of_unit(const GpuSet& gpus) {
  GpuChoices choices;
  for (auto& [nodes, choice] : of(gpus, false))
    if (const auto price = price_of(*resources_.gpus[gpus.front()].unit, choice.gpus.size())) {
      GpuChoice dearer = choice;
      dearer.cost.penalty += *price;
      add(choices, std::move(dearer));
    }
  return choices;
}

/// Of two parts whose GPUs are all equally far from those of the other part.
GpuChoices ChoicesOfGpus::joined(const GpuChoices& some, const GpuChoices& others, unsigned distance) {
  GpuChoices choices;
  for (const auto& [nodes, one] : some)
    for (const auto& [other_nodes, other] : others) {
      if (one.gpus.size() + other.gpus.size() > most_) continue;
      work_.spend();
      GpuChoice both{all_nodes(nodes, other_nodes), {}, one.cost + other.cost};
      const std::uint64_t between = one.gpus.size() * other.gpus.size() * distance;
      both.cost.distance += between;
      both.cost.left_apart += static_cast<std::int64_t>(between);
      std::ranges::merge(one.gpus, other.gpus, std::back_inserter(both.gpus));
      add(choices, std::move(both));
    }
  return choices;
}

/// GPUs that are nearer to each other than `distance`, or in one group, are in one part.
std::vector<GpuSet> ChoicesOfGpus::parts(const GpuSet& gpus, unsigned distance, bool units) const {
  std::vector<GpuSet> parts;
  std::vector<bool> done(gpus.size(), false);
  for (std::size_t first = 0; first < gpus.size(); ++first) {
    if (done[first]) continue;
    done[first] = true;
    GpuSet part{gpus[first]};
    for (std::size_t at = 0; at < part.size(); ++at)
      for (std::size_t other = 0; other < gpus.size(); ++other) {
        const auto& unit = resources_.gpus[part[at]].unit;
        const bool mates = units && unit && unit == resources_.gpus[gpus[other]].unit;
        if (done[other] || (!mates && resources_.distances[part[at]][gpus[other]] >= distance)) continue;
        done[other] = true;
        part.push_back(gpus[other]);
      }
    std::ranges::sort(part);
    parts.push_back(std::move(part));
  }
  return parts;
}

GpuChoices ChoicesOfGpus::enumerated(const GpuSet& gpus, bool units) {
  Enumeration enumeration(resources_, alone_, gpus, units, most_);
  complete_ = enumeration.run(work_) && complete_;
  return std::move(enumeration.found);
}

GpuChoices ChoicesOfGpus::of(const GpuSet& gpus, bool units) {
  if (units && of_one_unit(gpus)) return of_unit(gpus);
  if (gpus.size() == 1) return of_one(gpus.front());
  unsigned farthest = 0;
  for (const std::size_t one : gpus)
    for (const std::size_t other : gpus)
      if (one != other) farthest = std::max(farthest, resources_.distances[one][other]);
  const std::vector<GpuSet> all = parts(gpus, farthest, units);
  if (all.size() == 1) return enumerated(gpus, units);
  GpuChoices choices = of(all.front(), units);
  for (std::size_t part = 1; part < all.size(); ++part)
    choices = joined(choices, of(all[part], units), farthest);
  return choices;
}

}  // namespace gpupass
