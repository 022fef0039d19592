// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/cheapest_first.hpp"

#include <algorithm>
#include <tuple>

namespace gpupass {

/// Among equals the longer part goes on first, and of these the one with the lowest GPUs.
bool CheapestFirst::Later::operator()(const Part& one, const Part& other) const {
  return std::tie(one.whole, one.away, other.layer, one.number) >
         std::tie(other.whole, other.away, one.layer, other.number);
}

CheapestFirst::CheapestFirst(const Routes& routes, const std::vector<Room>& rooms, unsigned vcpus)
    : routes_(routes), rooms_(rooms), vcpus_(vcpus) {
  if (routes.any()) open_.push({{}, routes.least(), 0, 0, 0, 0, 0, 0});
}

std::uint64_t CheapestFirst::away_on(const GpuChoice& choice) const {
  std::uint64_t away = 0;
  for (const UsedNode& used_node : choice.nodes) {
    if (used_node.node == kNowhere) continue;
    const std::uint64_t part = std::uint64_t{vcpus_} * used_node.gpus,
                        here = rooms_[used_node.node].threads * routes_.gpus();
    if (part > here) away += part - here;
  }
  return away;
}

std::optional<CheapestFirst::Next> CheapestFirst::next(Work& work) {
  const auto& layers = routes_.layers();
  while (!open_.empty() && work.spend()) {
    const Part part = open_.top();
    open_.pop();
    if (part.layer + 1 == layers.size()) {
      Next found{{}, part.cost, part.away};
      for (const Part* at = &part; at->layer != 0; at = &parts_[at->before])
        found.route.push_back(at->choice);
      std::ranges::reverse(found.route);
      return found;
    }
    const std::size_t before = parts_.size();
    parts_.push_back(part);
    for (const Branch& branch : layers[part.layer][part.stage].branches) {
      const GpusCost cost = part.cost + branch.cost;
      open_.push({cost, cost + layers[part.layer + 1][branch.to].rest,
                  part.away + away_on(routes_.blocks().blocks[part.layer][branch.choice]), part.layer + 1,
                  branch.to, branch.choice, before, parts_.size() + open_.size()});
    }
  }
  return std::nullopt;
}

}  // namespace gpupass
