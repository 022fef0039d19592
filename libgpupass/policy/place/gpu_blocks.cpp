// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/gpu_blocks.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "policy/place/gpu_choices.hpp"

namespace gpupass {

namespace {

/// Puts GPUs together until it does not matter to a GPU of one block which GPUs of another are taken.
class Partition {
 public:
  explicit Partition(const FreeResources& resources)
      : resources_(resources), block_of_(resources.gpus.size()) {
    std::iota(block_of_.begin(), block_of_.end(), 0);
    join_nodes();
    while (join_unequal()) {
    }
  }

  std::vector<GpuSet> blocks() const {
    std::vector<GpuSet> blocks(block_of_.size());
    for (std::size_t gpu = 0; gpu < block_of_.size(); ++gpu) blocks[block_of_[gpu]].push_back(gpu);
    std::erase_if(blocks, [](const GpuSet& block) { return block.empty(); });
    return blocks;
  }

 private:
  void join_nodes() {
    std::map<std::size_t, std::size_t> lowest;
    for (std::size_t gpu = 0; gpu < block_of_.size(); ++gpu)
      if (const auto node = resources_.gpus[gpu].node)
        block_of_[gpu] = lowest.try_emplace(*node, gpu).first->second;
  }

  bool join_unequal() {
    bool joined = false;
    for (std::size_t one = 0; one < block_of_.size(); ++one)
      for (std::size_t other = 0; other < one; ++other) {
        const std::size_t block = block_of_[one], other_block = block_of_[other];
        if (block == other_block) continue;
        const auto& unit = resources_.gpus[one].unit;
        const bool mates = unit && unit == resources_.gpus[other].unit;
        if (!mates && resources_.distances[one][other] == resources_.distances[block][other_block]) continue;
        const std::size_t lower = std::min(block, other_block), higher = std::max(block, other_block);
        std::ranges::replace(block_of_, higher, lower);
        joined = true;
      }
    return joined;
  }

  const FreeResources& resources_;
  std::vector<std::size_t> block_of_;  // The lowest GPU of its block.
};

/// Those that leave the lowest GPUs free come last.
bool before(const GpuChoice& one, const GpuChoice& other) {
  const auto [left, right] = std::ranges::mismatch(one.gpus, other.gpus);
  if (left == one.gpus.end() || right == other.gpus.end()) return one.gpus.size() > other.gpus.size();
  return *left < *right;
}

/// A guest uses the nodes of its devices, whether it gets a GPU there or not.
void add_nodes_of_devices(const FreeResources& resources, GpuBlocks& blocks) {
  std::map<std::size_t, std::size_t> block_of;
  for (std::size_t block = 0; block < blocks.blocks.size(); ++block)
    for (const GpuChoice& choice : blocks.blocks[block])
      for (const UsedNode& used_node : choice.nodes) block_of.emplace(used_node.node, block);
  for (const FreeDevice& device : resources.devices) {
    if (!device.node) continue;
    const auto [block, fresh] = block_of.try_emplace(*device.node, blocks.blocks.size());
    if (fresh) blocks.blocks.push_back({GpuChoice{}});
    for (GpuChoice& choice : blocks.blocks[block->second])
      if (std::ranges::find(choice.nodes, *device.node, &UsedNode::node) == choice.nodes.end()) {
        choice.nodes.push_back({*device.node, 0});
        std::ranges::sort(choice.nodes);
      }
  }
  for (auto& row : blocks.distances) row.resize(blocks.blocks.size());
  blocks.distances.resize(blocks.blocks.size(), std::vector<unsigned>(blocks.blocks.size()));
}

}  // namespace

GpuBlocks gpu_blocks(const FreeResources& resources, std::size_t most, Work& work) {
  ChoicesOfGpus choices(resources, most, work);
  const std::vector<GpuSet> sets = Partition(resources).blocks();
  GpuBlocks blocks;
  for (const GpuSet& gpus : sets) {
    auto& block = blocks.blocks.emplace_back();
    for (auto& [nodes, choice] : choices.all(gpus)) block.push_back(std::move(choice));
    std::ranges::sort(block, before);
    auto& row = blocks.distances.emplace_back();
    for (const GpuSet& other : sets) row.push_back(resources.distances[gpus.front()][other.front()]);
  }
  blocks.complete = choices.complete();
  add_nodes_of_devices(resources, blocks);
  return blocks;
}

}  // namespace gpupass
