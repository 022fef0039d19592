// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "policy/place/room.hpp"
#include "policy/place/routes.hpp"

namespace gpupass {

/// The routes one after the other, by what their GPUs cost; then by how many vCPUs cannot be beside their
/// GPUs.
class CheapestFirst {
 public:
  CheapestFirst(const Routes& routes, const std::vector<Room>& rooms, unsigned vcpus);

  struct Next {
    Route route;
    GpusCost cost;
    std::uint64_t away = 0;  ///< SplitCost::away is no less.
  };
  /// nullopt: there are no more, or no work is left.
  std::optional<Next> next(Work& work);

 private:
  struct Part {
    GpusCost cost, whole;  ///< So far, and at least in the end.
    std::uint64_t away = 0;
    std::size_t layer = 0, stage = 0, choice = 0, before = 0, number = 0;
  };
  struct Later {
    bool operator()(const Part& one, const Part& other) const;
  };
  std::uint64_t away_on(const GpuChoice& choice) const;

  const Routes& routes_;
  const std::vector<Room>& rooms_;
  unsigned vcpus_;
  std::vector<Part> parts_;
  std::priority_queue<Part, std::vector<Part>, Later> open_;
};

}  // namespace gpupass
