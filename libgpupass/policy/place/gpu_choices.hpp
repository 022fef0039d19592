// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <vector>

#include "policy/place/gpu_blocks.hpp"

/// The choices within one block. Part of gpu_blocks().
namespace gpupass {

using GpuSet = std::vector<std::size_t>;
/// The best choice for each number of GPUs on each node.
using GpuChoices = std::map<std::vector<UsedNode>, GpuChoice>;

/// How much dearer each GPU is than nothing, beside its distances from others that are taken.
std::vector<GpuCost> costs_alone(const FreeResources& resources);

/// Sets that nothing but their sets of nodes tells apart are looked at together: GPUs that are all equally
/// far from each other need no enumeration.
class ChoicesOfGpus {
 public:
  ChoicesOfGpus(const FreeResources& resources, std::size_t most, Work& work)
      : resources_(resources), most_(most), work_(work), alone_(costs_alone(resources)) {}

  /// All choices of these, none of them included.
  GpuChoices all(const GpuSet& gpus) { return of(gpus, true); }
  /// false: a choice may be missing, or not the best.
  bool complete() const { return complete_ && !work_.ended(); }

 private:
  GpuChoices of(const GpuSet& gpus, bool units);
  GpuChoices of_one(std::size_t gpu) const;
  GpuChoices of_unit(const GpuSet& gpus);
  GpuChoices joined(const GpuChoices& some, const GpuChoices& others, unsigned distance);
  GpuChoices enumerated(const GpuSet& gpus, bool units);
  std::vector<GpuSet> parts(const GpuSet& gpus, unsigned distance, bool units) const;
  bool of_one_unit(const GpuSet& gpus) const;

  const FreeResources& resources_;
  std::size_t most_;
  Work& work_;
  std::vector<GpuCost> alone_;
  bool complete_ = true;
};

}  // namespace gpupass
