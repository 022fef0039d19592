// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/spare.hpp"

#include <algorithm>
#include <functional>

#include "values/round_up.hpp"

namespace gpupass {

namespace {

bool has(const Amounts& amounts, const Amounts& needs) {
  return amounts.gpus >= needs.gpus && amounts.threads >= needs.threads && amounts.memory >= needs.memory;
}

/// 0: they differ.
unsigned threads_of_each_core(const FreeNode& node) {
  std::size_t threads = 0;
  for (const Cores& cache : node.caches)
    for (const Core& core : cache) {
      if (threads != 0 && core.cpus.size() != threads) return 0;
      threads = core.cpus.size();
    }
  return static_cast<unsigned>(threads);
}

Spare spare_of(const FreeNode& node) {
  Spare spare{{0, threads_of(node, kAnyKind), memory_room(node.node, {})}, 0, 0};
  const auto has_pages = [](const HugePages& pool) { return pool.free > 0; };
  if (!node.node.free_bytes || std::ranges::any_of(node.node.huge_pages, has_pages)) return spare;
  spare.free_bytes = *node.node.free_bytes;
  spare.core = threads_of_each_core(node);
  return spare;
}

/// So many nodes with GPUs have it together at most.
Amounts most_of(const std::vector<Spare>& nodes, std::size_t count) {
  std::vector<std::uint64_t> threads, memory;
  Amounts most;
  for (const Spare& node : nodes) {
    if (node.amounts.gpus == 0) continue;
    most += node.amounts;
    threads.push_back(node.amounts.threads);
    memory.push_back(node.amounts.memory);
  }
  if (count >= threads.size()) return most;
  most.threads = most.memory = 0;
  for (auto* all : {&threads, &memory}) std::ranges::sort(*all, std::greater<>());
  for (std::size_t at = 0; at < count; ++at) most += {0, threads[at], memory[at]};
  return most;
}

bool has_cell(const FreeResources& resources, const std::vector<Spare>& nodes, const CellRequest& cell) {
  for (std::size_t node = 0; node < nodes.size(); ++node)
    if (resources.nodes[node].node.id == cell.node)
      return has(nodes[node].amounts, {0, cell.vcpus, cell.memory_bytes});
  return false;
}

}  // namespace

std::uint64_t memory_sum(std::uint64_t one, std::uint64_t other) {
  return one + std::min(other, UINT64_MAX - one);
}

Amounts& operator+=(Amounts& sum, const Amounts& more) {
  return sum = {sum.gpus + more.gpus, sum.threads + more.threads, memory_sum(sum.memory, more.memory)};
}

double value_of(const Amounts& amounts, const Prices& prices) {
  double value = 0;
  for (std::size_t at = 0; at < prices.size(); ++at)
    value += static_cast<double>(amounts.each()[at]) * prices[at];
  return value;
}

Amounts needs_of(const Problem& problem) {
  return {problem.gpus, problem.guest_needs.vcpus, problem.guest_needs.memory.bytes};
}

std::vector<Spare> spare_of(const FreeResources& resources) {
  std::vector<Spare> nodes;
  for (const FreeNode& node : resources.nodes) nodes.push_back(spare_of(node));
  for (const FreeDevice& gpu : resources.gpus) {
    if (!gpu.node) continue;
    ++nodes[*gpu.node].amounts.gpus;
    if (gpu.unit) nodes[*gpu.node].core = 0;
  }
  return nodes;
}

Amounts sum_of(const std::vector<Spare>& nodes) {
  Amounts sum;
  for (const Spare& node : nodes) sum += node.amounts;
  return sum;
}

bool holds(const Spare& node, const Amounts& needs) {
  return has(node.amounts, needs);
}

bool is_counted(const Spare& node, const Problem& problem) {
  return node.core > 0 && problem.guest_needs.memory.page_size_bytes.value_or(0) == 0;
}

void count_off(Spare& node, const Amounts& needs) {
  node.amounts.gpus -= needs.gpus;
  node.amounts.threads -= round_up(needs.threads, node.core);
  node.free_bytes -= with_headroom(needs.memory);
  node.amounts.memory = without_headroom(node.free_bytes);
}

bool may_hold(const FreeResources& resources, const std::vector<Spare>& nodes, const Problem& problem) {
  const Amounts needs = needs_of(problem);
  const auto& cells = problem.guest_needs.cells;
  if (cells.empty() && problem.numa == NumaPolicy::Required) return has(most_of(nodes, problem.gpus), needs);
  Amounts sum = sum_of(nodes);
  sum.gpus = resources.gpus.size();
  return has(sum, needs) && std::ranges::all_of(cells, [&](const CellRequest& cell) {
           return has_cell(resources, nodes, cell);
         });
}

}  // namespace gpupass
