// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/room.hpp"

#include <algorithm>

#include "policy/place/undominated.hpp"

namespace gpupass {

namespace {

/// From a stage to the end.
struct RestOfRoom {
  GpusCost cost;
  Room room;
  std::size_t choice = 0;
  std::size_t next = 0;  ///< The rest from the next stage on.
};

/// All that is no worse in one thing than each other.
class FittingSearch {
 public:
  FittingSearch(const Routes& routes, const std::vector<Room>& rooms, const Room& needed, Work& work)
      : routes_(routes), rooms_(rooms), needed_(needed), work_(work) {}

  std::optional<FittingRoute> run() {
    const auto& layers = routes_.layers();
    rests_.push_back({});
    std::vector<std::vector<std::size_t>> next{{0}};
    for (std::size_t layer = layers.size() - 1; layer-- > 0;) {
      std::vector<std::vector<std::size_t>> here(layers[layer].size());
      for (std::size_t stage = 0; stage < here.size(); ++stage)
        for (const Branch& branch : layers[layer][stage].branches)
          for (const std::size_t rest : next[branch.to]) add(extended(layer, branch, rest), here[stage]);
      next = std::move(here);
    }
    return work_.ended() ? std::nullopt : best_of(next.front());
  }

 private:
  RestOfRoom extended(std::size_t layer, const Branch& branch, std::size_t next) const {
    RestOfRoom rest = rests_[next];
    rest.cost = branch.cost + rest.cost;
    for (const UsedNode& used_node : routes_.blocks().blocks[layer][branch.choice].nodes) {
      if (used_node.node == kNowhere) continue;
      const Room& room = rooms_[used_node.node];
      rest.room.threads = std::min(rest.room.threads + room.threads, needed_.threads);
      rest.room.memory = std::min(rest.room.memory + std::min(room.memory, needed_.memory), needed_.memory);
      ++rest.room.cells;
    }
    rest.choice = branch.choice;
    rest.next = next;
    return rest;
  }

  void add(const RestOfRoom& rest, std::vector<std::size_t>& others) {
    if (rest.room.cells > needed_.cells || !work_.spend(others.size() + 1)) return;
    const auto no_worse = [&](const RestOfRoom& one, const RestOfRoom& other) {
      return one.cost <= other.cost && one.room.threads >= other.room.threads &&
             one.room.memory >= other.room.memory && one.room.cells <= other.room.cells;
    };
    add_undominated(rest, rests_, others, no_worse);
  }

  std::optional<FittingRoute> best_of(const std::vector<std::size_t>& all) const {
    std::optional<std::size_t> best;
    for (const std::size_t at : all)
      if (const RestOfRoom& rest = rests_[at]; rest.room.threads >= needed_.threads &&
                                               rest.room.memory >= needed_.memory &&
                                               (!best || rest.cost < rests_[*best].cost))
        best = at;
    if (!best) return std::nullopt;
    FittingRoute fitting{{}, rests_[*best].cost};
    for (std::size_t at = *best; at != 0; at = rests_[at].next) fitting.route.push_back(rests_[at].choice);
    return fitting;
  }

  const Routes& routes_;
  const std::vector<Room>& rooms_;
  const Room& needed_;
  Work& work_;
  std::vector<RestOfRoom> rests_;
};

/// Without a look at room; of the cheapest the one with the lowest GPUs.
Route cheapest(const Routes& routes) {
  Route route;
  std::size_t stage = 0;
  for (std::size_t layer = 0; layer + 1 < routes.layers().size(); ++layer) {
    const Stage& here = routes.layers()[layer][stage];
    const auto branch = std::ranges::find_if(here.branches, [&](const Branch& to) {
      return to.cost + routes.layers()[layer + 1][to.to].rest == here.rest;
    });
    route.push_back(branch->choice);
    stage = branch->to;
  }
  return route;
}

}  // namespace

std::vector<Room> rooms(const FreeResources& resources, const MemoryRequest& memory) {
  std::vector<Room> rooms;
  for (const FreeNode& node : resources.nodes)
    rooms.push_back({threads_of(node, kAnyKind), memory_room(node.node, memory), 1});
  return rooms;
}

Room needed_room(const GuestNeeds& guest_needs) {
  const std::uint64_t pages = guest_needs.memory.bytes / least_page(guest_needs.memory);
  return {guest_needs.vcpus, guest_needs.memory.bytes,
          static_cast<std::size_t>(std::min<std::uint64_t>(guest_needs.vcpus, pages))};
}

bool fits_on(const GpuBlocks& blocks, const Route& route, const std::vector<Room>& rooms,
             const Room& needed) {
  Room sum;
  for (std::size_t block = 0; block < route.size(); ++block)
    for (const UsedNode& used_node : blocks.blocks[block][route[block]].nodes) {
      if (used_node.node == kNowhere) continue;
      sum.threads += rooms[used_node.node].threads;
      sum.memory += std::min(rooms[used_node.node].memory, needed.memory);
      ++sum.cells;
    }
  return sum.threads >= needed.threads && sum.memory >= needed.memory && sum.cells <= needed.cells;
}

std::optional<FittingRoute> cheapest_fitting(const Routes& routes, const std::vector<Room>& rooms,
                                             const Room& needed, Work& work) {
  if (Route route = cheapest(routes); fits_on(routes.blocks(), route, rooms, needed))
    return FittingRoute{std::move(route), routes.least()};
  return FittingSearch(routes, rooms, needed, work).run();
}

}  // namespace gpupass
