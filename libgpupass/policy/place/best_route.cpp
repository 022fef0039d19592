// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/best_route.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "policy/place/undominated.hpp"
#include "policy/place/vcpu_split.hpp"

namespace gpupass {

namespace {

/// From a stage to the end, or from one of a choice's nodes.
struct RestOfWay {
  GpusCost gpus;
  std::uint64_t away = 0;
  CoreCost cores;
  std::int64_t left_apart = 0;
  std::uint64_t memory = 0;
  std::size_t choice = 0;
  std::size_t next = 0;  ///< The rest from the next stage on.
};

/// As Cost is compared.
auto order(const RestOfWay& rest) {
  return std::tie(rest.gpus, rest.away, rest.cores.caches, rest.cores.partial, rest.left_apart,
                  rest.cores.left);
}

struct Found {
  RestOfWay rest;
  Route route;
};

/// With cores of one kind. The nodes' vCPUs add up to the guest's, and what they cost does, too: so the best
/// of all routes is found from the last block to the first.
class BestRoute {
 public:
  BestRoute(const Routes& routes, const GpusCost& limit, const FreeResources& resources,
            const std::vector<Room>& rooms, const GuestNeeds& guest_needs, CoreKind kind,
            CoreCosts& core_costs, Work& work)
      : routes_(routes),
        limit_(limit),
        resources_(resources),
        rooms_(rooms),
        kind_(kind),
        core_costs_(core_costs),
        work_(work),
        vcpus_(guest_needs.vcpus),
        memory_(guest_needs.memory.bytes) {
    if (!is_memory_scarce()) memory_ = 0;
  }

  /// First with no node that gets other than its part, rounded down or up; and where a node had no room for
  /// that, with any split.
  std::optional<Found> best() {
    auto best = search(true);
    if (passed_over_ && (!best || best->rest.away > 0))
      if (auto other = search(false); other && (!best || order(other->rest) < order(best->rest)))
        best = other;
    return best;
  }

 private:
  using Rests = std::map<unsigned, std::vector<std::size_t>>;  // The undominated ones by vCPUs.

  bool is_memory_scarce() const {
    std::vector<std::uint64_t> memory;
    for (const Room& room : rooms_)
      if (room.memory != 0) memory.push_back(std::min(room.memory, memory_));
    std::ranges::sort(memory);
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < std::min(limit_.nodes, memory.size()); ++at) sum += memory[at];
    return sum < memory_;
  }

  std::optional<Found> search(bool near);
  Rests on_node(const Rests& rests, const UsedNode& used_node, bool near);
  void add(const RestOfWay& rest, std::vector<std::size_t>& others);

  const Routes& routes_;
  const GpusCost& limit_;
  const FreeResources& resources_;
  const std::vector<Room>& rooms_;
  CoreKind kind_;
  CoreCosts& core_costs_;
  Work& work_;
  unsigned vcpus_;
  std::uint64_t memory_;
  bool passed_over_ = false;
  std::vector<RestOfWay> rests_;
};

void BestRoute::add(const RestOfWay& rest, std::vector<std::size_t>& others) {
  const auto no_worse = [](const RestOfWay& one, const RestOfWay& other) {
    return one.memory >= other.memory && order(one) <= order(other);
  };
  if (work_.spend(others.size() + 1)) add_undominated(rest, rests_, others, no_worse);
}

BestRoute::Rests BestRoute::on_node(const Rests& rests, const UsedNode& used_node, bool near) {
  Rests all;
  const auto room = static_cast<unsigned>(
      std::min<std::size_t>(threads_of(resources_.nodes[used_node.node], kind_), vcpus_));
  const std::uint64_t parts = std::uint64_t{vcpus_} * used_node.gpus;
  unsigned least = 1, most = room;
  if (near) {
    least = static_cast<unsigned>(parts / routes_.gpus());
    most = least + (parts % routes_.gpus() == 0 ? 0 : 1);
    if (least == 0 || most > room) {
      passed_over_ = true;
      return all;
    }
  }
  for (unsigned vcpus = most; vcpus >= least && vcpus > 0; --vcpus) {
    const auto cores = core_costs_.of(used_node.node, kind_, vcpus);
    if (!cores) continue;
    const std::uint64_t beyond = away(vcpus, used_node.gpus, vcpus_, routes_.gpus());
    for (const auto& [total, places] : rests)
      for (const std::size_t place : places) {
        if (total + vcpus > vcpus_) break;
        RestOfWay rest = rests_[place];
        rest.away += beyond;
        rest.cores = rest.cores + *cores;
        rest.memory = std::min(rest.memory + std::min(rooms_[used_node.node].memory, memory_), memory_);
        add(rest, all[total + vcpus]);
      }
  }
  return all;
}

std::optional<Found> BestRoute::search(bool near) {
  const auto& layers = routes_.layers();
  rests_.assign(1, {});
  std::vector<Rests> next(1);
  next.front()[0] = {0};
  for (std::size_t layer = layers.size() - 1; layer-- > 0;) {
    std::vector<Rests> here(layers[layer].size());
    for (std::size_t stage = 0; stage < here.size(); ++stage) {
      const Stage& from = layers[layer][stage];
      for (const Branch& branch : from.branches) {
        if (from.from + branch.cost + layers[layer + 1][branch.to].rest > limit_) continue;
        const GpuChoice& choice = routes_.blocks().blocks[layer][branch.choice];
        Rests rests;
        for (const auto& [vcpus, places] : next[branch.to])
          for (const std::size_t place : places) {
            RestOfWay rest = rests_[place];
            rest.gpus = branch.cost + rest.gpus;
            if (from.from + rest.gpus > limit_) continue;
            rest.left_apart += choice.cost.left_apart +
                               static_cast<std::int64_t>(branch.cost.distance - choice.cost.distance);
            rest.choice = branch.choice;
            rest.next = place;
            rests[vcpus].push_back(rests_.size());
            rests_.push_back(rest);
          }
        for (const UsedNode& used_node : choice.nodes) rests = on_node(rests, used_node, near);
        for (const auto& [vcpus, places] : rests)
          for (const std::size_t place : places) add(RestOfWay(rests_[place]), here[stage][vcpus]);
      }
    }
    next = std::move(here);
  }
  std::optional<RestOfWay> best;
  for (const std::size_t place : next.front()[vcpus_])
    if (const RestOfWay& rest = rests_[place];
        rest.memory >= memory_ && (!best || order(rest) < order(*best)))
      best = rest;
  if (!best) return std::nullopt;
  Route route{best->choice};
  for (std::size_t at = best->next; at != 0; at = rests_[at].next) route.push_back(rests_[at].choice);
  return Found{*best, std::move(route)};
}

}  // namespace

std::optional<Route> best_route(const Routes& routes, const GpusCost& cost, const FreeResources& resources,
                                const std::vector<Room>& rooms, const GuestNeeds& guest_needs,
                                CoreCosts& core_costs, Work& work) {
  std::vector<CoreKind> kinds = core_kinds(resources);
  if (kinds.size() > 1) kinds.push_back(kAnyKind);
  std::optional<std::tuple<GpusCost, std::uint64_t>> least;
  std::optional<Route> best;
  for (const CoreKind kind : kinds) {
    BestRoute search(routes, cost, resources, rooms, guest_needs, kind, core_costs, work);
    // Kinds come in the order of their cost: a later one must be better in what comes before it.
    if (auto found = search.best();
        found && (!least || std::tuple(found->rest.gpus, found->rest.away) < *least)) {
      least = std::tuple(found->rest.gpus, found->rest.away);
      best = std::move(found->route);
    }
  }
  return best;
}

}  // namespace gpupass
