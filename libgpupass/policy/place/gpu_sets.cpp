// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/gpu_sets.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "policy/place/gpu.hpp"

namespace gpupass {

namespace {

// Far above what real machines need: it limits the work for an invented one with hundreds of different GPUs.
constexpr std::size_t kMostSets = std::size_t{1} << 14;
constexpr std::size_t kMostDistances = std::size_t{1} << 22;

/// Whether exchanging the two would change nothing else.
bool alike(const FreeResources& resources, std::size_t one, std::size_t other) {
  const FreeDevice& left = resources.gpus[one];
  const FreeDevice& right = resources.gpus[other];
  if (left.node != right.node || left.penalty != right.penalty || left.unit != right.unit) return false;
  for (std::size_t third = 0; third < resources.distances.size(); ++third)
    if (third != one && third != other &&
        resources.distances[one][third] != resources.distances[other][third])
      return false;
  return true;
}

class Search {
 public:
  Search(const FreeResources& resources, std::size_t count) : resources_(resources), count_(count) {
    for (std::size_t gpu = 0; gpu < resources.gpus.size(); ++gpu) {
      std::size_t twin = gpu;
      for (std::size_t other = gpu; other-- > 0 && twin == gpu;)
        if (alike(resources, gpu, other)) twin = other;
      twins_.push_back(twin);
    }
    chosen_.assign(resources.gpus.size(), false);
  }

  std::vector<GpuSet> all() {
    extend(0);
    std::ranges::stable_sort(
        found_, {}, [](const GpuSet& set) { return std::tuple(set.penalty, set.nodes, set.distance); });
    return std::move(found_);
  }

 private:
  void extend(std::size_t from) {
    if (found_.size() >= std::min(kMostSets, kMostDistances / (count_ * count_ + 1) + 1)) return;
    if (gpus_.size() == count_) {
      if (const auto left = mates_left()) found_.push_back(measured(*left));
      return;
    }
    for (std::size_t gpu = from; gpu + (count_ - gpus_.size()) <= resources_.gpus.size(); ++gpu) {
      if (twins_[gpu] != gpu && !chosen_[twins_[gpu]]) continue;
      gpus_.push_back(gpu);
      chosen_[gpu] = true;
      extend(gpu + 1);
      chosen_[gpu] = false;
      gpus_.pop_back();
    }
  }

  /// How many GPUs of the taken groups nobody else can use; nullopt: one of the taken can only go with those.
  std::optional<std::uint64_t> mates_left() const {
    std::map<PciAddress, std::pair<Unit, unsigned>> taken;
    for (const std::size_t gpu : gpus_)
      if (const auto& unit = resources_.gpus[gpu].unit)
        ++taken.try_emplace(unit->first, *unit, 0U).first->second.second;
    std::uint64_t left = 0;
    for (const auto& [first, of_unit] : taken) {
      const auto& [unit, count] = of_unit;
      if (unit.whole && count < unit.gpus) return std::nullopt;
      left += unit.gpus - std::min(count, unit.gpus);
    }
    return left;
  }

  GpuSet measured(std::uint64_t mates_left) const {
    GpuSet set;
    set.penalty = mates_left * kMateLeft;
    set.gpus = gpus_;
    std::set<std::size_t> nodes;
    std::size_t unknown = 0;
    std::vector<std::size_t> members = gpus_;
    for (std::size_t device = 0; device < resources_.devices.size(); ++device)
      members.push_back(resources_.gpus.size() + device);
    for (std::size_t at = 0; at < members.size(); ++at) {
      const bool gpu = at < gpus_.size();
      const FreeDevice& member =
          gpu ? resources_.gpus[members[at]] : resources_.devices[members[at] - resources_.gpus.size()];
      set.penalty += member.penalty;
      if (member.node)
        nodes.insert(*member.node);
      else
        ++unknown;  // It may be another node each time.
      for (std::size_t other = 0; other < at; ++other)
        set.distance += resources_.distances[members[at]][members[other]];
    }
    set.nodes = nodes.size() + unknown;
    return set;
  }

  const FreeResources& resources_;
  std::size_t count_;
  std::vector<std::size_t> twins_;  // The nearest lower GPU like this one, or itself.
  std::vector<bool> chosen_;
  std::vector<std::size_t> gpus_;
  std::vector<GpuSet> found_;
};

}  // namespace

std::vector<GpuSet> gpu_sets(const FreeResources& resources, std::size_t count) {
  if (count > resources.gpus.size()) return {};
  return Search(resources, count).all();
}

}  // namespace gpupass
