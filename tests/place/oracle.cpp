// SPDX-License-Identifier: LGPL-2.1-or-later
#include "oracle.hpp"

#include <algorithm>
#include <map>

#include "policy/place/gpu.hpp"

namespace gpupass {

namespace {

// Positions in PlainCost.
enum : std::size_t {
  kPenalty,
  kGpuNodes,
  kDistance,
  kAway,
  kNodes,
  kSpill,
  kKind,
  kCaches,
  kPartial,
  kApart,
  kLeft
};

using MaybeCost = std::optional<PlainCost>;

PlainCost sum(const PlainCost& one, const PlainCost& other) {
  PlainCost cost{};
  for (std::size_t at = 0; at < cost.size(); ++at) cost[at] = one[at] + other[at];
  return cost;
}

void keep_less(MaybeCost& known, const PlainCost& cost) {
  if (!known || cost < *known) known = cost;
}

/// By how many are taken.
using ByGpus = std::vector<MaybeCost>;

PlainCost distance_cost(std::int64_t distance) {
  PlainCost cost{};
  cost[kDistance] = cost[kApart] = distance;
  return cost;
}

class Oracle {
 public:
  Oracle(const RandomHost& host, const Problem& problem)
      : host_(host), resources_(host.resources), problem_(problem) {
    gpus_ = problem.gpus;
    vcpus_ = problem.guest_needs.vcpus;
    const auto page = *problem.guest_needs.memory.page_size_bytes;
    pages_ = page == 0 ? 0 : problem.guest_needs.memory.bytes / page;
    for (std::size_t node = 0; node < resources_.nodes.size(); ++node) of_node_.push_back(choices_on(node));
    for (std::size_t node = 0; node < resources_.nodes.size(); ++node) of_cores_.push_back(cores_on(node));
  }

  MaybeCost least() {
    MaybeCost best;
    if (problem_.numa != NumaPolicy::Socket) {
      best = at(over(host_.packages), gpus_, 0, vcpus_, pages_);
    } else {
      for (const auto& package : host_.packages)
        if (const auto cost = at(over({package}), gpus_, 0, vcpus_, pages_)) keep_less(best, *cost);
    }
    if (best) (*best)[kApart] += all_apart();
    return best;
  }

 private:
  using Table = std::vector<MaybeCost>;  // By GPUs, those of the package, vCPUs and pages.

  MaybeCost& at(Table& table, std::size_t gpus, std::size_t here, std::size_t vcpus,
                std::size_t pages) const {
    return table[((gpus * (gpus_ + 1) + here) * (vcpus_ + 1) + vcpus) * (pages_ + 1) + pages];
  }
  MaybeCost at(Table&& table, std::size_t gpus, std::size_t here, std::size_t vcpus,
               std::size_t pages) const {
    return at(table, gpus, here, vcpus, pages);
  }
  Table empty() const { return Table((gpus_ + 1) * (gpus_ + 1) * (vcpus_ + 1) * (pages_ + 1)); }

  template <typename Visit>
  void each(Table& table, const Visit& visit) const {
    for (std::size_t gpus = 0; gpus <= gpus_; ++gpus)
      for (std::size_t here = 0; gpus + here <= gpus_; ++here)
        for (std::size_t vcpus = 0; vcpus <= vcpus_; ++vcpus)
          for (std::size_t pages = 0; pages <= pages_; ++pages)
            if (const MaybeCost& cost = at(table, gpus, here, vcpus, pages))
              visit(gpus, here, vcpus, pages, *cost);
  }

  Table over(const std::vector<std::vector<std::size_t>>& packages) const {
    Table before = empty();
    at(before, 0, 0, 0, 0) = PlainCost{};
    for (const auto& package : packages) {
      Table after = empty();
      for (const bool with_gpus : {true, false}) {
        Table inside = before;
        for (const std::size_t node : package) inside = with_node(inside, node, with_gpus);
        each(inside, [&](auto gpus, auto here, auto vcpus, auto pages, const PlainCost& cost) {
          if ((here > 0) != with_gpus) return;
          keep_less(at(after, gpus + here, 0, vcpus, pages),
                    sum(cost, distance_cost(static_cast<std::int64_t>(gpus * here * host_.across))));
        });
      }
      before = std::move(after);
    }
    return before;
  }

  Table with_node(Table& before, std::size_t node, bool with_gpus) const {
    Table after = before;  // The node is not used.
    const std::size_t free = resources_.nodes[node].node.huge_pages.front().free;
    if (pages_ != 0 && free == 0) return after;
    for (std::size_t count = 0; count <= gpus_; ++count) {
      if (count == 0 ? problem_.numa == NumaPolicy::Required : !with_gpus) continue;
      if (!of_node_[node][count]) continue;
      for (std::size_t part = 1; part <= vcpus_; ++part) {
        if (!of_cores_[node][part]) continue;
        PlainCost own = sum(*of_node_[node][count], *of_cores_[node][part]);
        own[kAway] = std::max<std::int64_t>(
            0, static_cast<std::int64_t>(part * gpus_) - static_cast<std::int64_t>(vcpus_ * count));
        own[kNodes] = 1;
        if (count > 0) own[kGpuNodes] = 1;
        if (count == 0) own[kSpill] = with_gpus ? host_.in_package : host_.across;
        each(before, [&](auto gpus, auto here, auto vcpus, auto pages, const PlainCost& cost) {
          if (gpus + here + count > gpus_ || vcpus + part > vcpus_) return;
          keep_less(
              at(after, gpus, here + count, vcpus + part, std::min(pages + free, pages_)),
              sum(sum(cost, own), distance_cost(static_cast<std::int64_t>(here * count * host_.in_package))));
        });
      }
    }
    return after;
  }

  std::int64_t all_apart() const {
    std::int64_t apart = 0;
    for (std::size_t one = 0; one < resources_.gpus.size(); ++one)
      for (std::size_t other = 0; other < one; ++other) apart += resources_.distances[one][other];
    return apart;
  }

  /// Every set of the GPUs below one switch.
  ByGpus choices_below(const std::vector<std::size_t>& below_switch) const {
    ByGpus choices(gpus_ + 1);
    for (unsigned set = 0; set < 1U << below_switch.size(); ++set) {
      PlainCost cost{};
      std::size_t count = 0;
      std::map<PciAddress, std::pair<Unit, unsigned>> units;
      for (std::size_t one = 0; one < below_switch.size(); ++one) {
        if ((set >> one & 1U) == 0) continue;
        const std::size_t gpu = below_switch[one];
        ++count;
        cost[kPenalty] += static_cast<std::int64_t>(resources_.gpus[gpu].penalty);
        for (const unsigned distance : resources_.distances[gpu]) cost[kApart] -= distance;
        for (std::size_t other = 0; other < one; ++other)
          if ((set >> other & 1U) != 0)
            cost = sum(cost, distance_cost(resources_.distances[gpu][below_switch[other]]));
        if (const auto& unit = resources_.gpus[gpu].unit)
          ++units.try_emplace(unit->first, *unit, 0U).first->second.second;
      }
      bool possible = count <= gpus_;
      for (const auto& [first, unit] : units) {
        possible = possible && (!unit.first.whole || unit.second == unit.first.gpus);
        cost[kPenalty] += static_cast<std::int64_t>((unit.first.gpus - unit.second) * kMateLeft);
      }
      if (possible) keep_less(choices[count], cost);
    }
    return choices;
  }

  ByGpus choices_on(std::size_t node) const {
    ByGpus all(gpus_ + 1);
    all[0] = PlainCost{};
    for (const auto& below_switch : host_.switches) {
      if (resources_.gpus[below_switch.front()].node != node) continue;
      const ByGpus more = choices_below(below_switch), before = std::move(all);
      all.assign(gpus_ + 1, {});
      for (std::size_t one = 0; one <= gpus_; ++one)
        for (std::size_t other = 0; one + other <= gpus_; ++other)
          if (before[one] && more[other])
            keep_less(all[one + other],
                      sum(sum(*before[one], *more[other]),
                          distance_cost(static_cast<std::int64_t>(one * other * host_.between_switches))));
    }
    return all;
  }

  /// By vCPUs: every set of the node's caches.
  std::vector<MaybeCost> cores_on(std::size_t node) const {
    const auto& caches = resources_.nodes[node].caches;
    std::vector<MaybeCost> costs(vcpus_ + 1);
    for (unsigned vcpus = 1; vcpus <= vcpus_; ++vcpus) {
      const std::size_t needed = (vcpus + host_.threads - 1) / host_.threads;
      for (unsigned set = 1; set < 1U << caches.size(); ++set) {
        PlainCost cost{};
        std::size_t cores = 0;
        for (std::size_t cache = 0; cache < caches.size(); ++cache)
          if ((set >> cache & 1U) != 0) {
            ++cost[kCaches];
            cores += caches[cache].size();
          }
        if (cores < needed || static_cast<std::size_t>(cost[kCaches]) > needed) continue;
        cost[kPartial] = vcpus % host_.threads != 0 ? 1 : 0;
        cost[kLeft] = static_cast<std::int64_t>(cores - needed);
        keep_less(costs[vcpus], cost);
      }
    }
    return costs;
  }

  const RandomHost& host_;
  const FreeResources& resources_;
  const Problem& problem_;
  std::size_t gpus_ = 0, vcpus_ = 0, pages_ = 0;
  std::vector<ByGpus> of_node_;
  std::vector<std::vector<MaybeCost>> of_cores_;
};

}  // namespace

PlainCost plain(const Cost& cost) {
  const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
  const SplitCost& split = cost.split;
  return {number(cost.gpus.penalty),    number(cost.gpus.nodes),    number(cost.gpus.distance),
          number(split.away),           number(split.nodes),        number(split.spill),
          number(split.kind),           number(split.cores.caches), number(split.cores.partial),
          number(cost.gpus_left_apart), number(split.cores.left)};
}

std::optional<PlainCost> least_cost(const RandomHost& host, const Problem& problem) {
  if (problem.gpus > host.resources.gpus.size()) return std::nullopt;
  return Oracle(host, problem).least();
}

}  // namespace gpupass
