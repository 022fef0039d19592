// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/field.hpp"
#include "gpupass/host.hpp"

/// CPUs and memory.
namespace gpupass {

void fields(auto& visit, Is<Package> auto& package) {
  visit("id", package.id);
  visit("cpus", package.cpus);
}

void fields(auto& visit, Is<Cache> auto& cache) {
  visit("level", cache.level);
  visit("size_bytes", cache.size_bytes);
  visit("cpus", cache.cpus);
}

void fields(auto& visit, Is<Core> auto& core) {
  visit("cpus", core.cpus);
}

void fields(auto& visit, Is<CpuTopology> auto& topology) {
  visit("cpus", topology.cpus);
  visit("packages", topology.packages);
  visit("last_level_caches", topology.last_level_caches);
  visit("cores", topology.cores);
}

void fields(auto& visit, Is<HugePages> auto& pool) {
  visit("page_size_bytes", pool.page_size_bytes);
  visit("total", pool.total);
  visit("free", pool.free);
}

void fields(auto& visit, Is<NumaNode> auto& node) {
  visit("id", node.id);
  visit("cpus", node.cpus);
  visit("memory_bytes", node.memory_bytes);
  visit("free_bytes", node.free_bytes);
  visit("huge_pages", node.huge_pages);
  visit("distances", node.distances);
}

}  // namespace gpupass
