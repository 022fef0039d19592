// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/node_words.hpp"

#include <fmt/format.h>

#include "render/text/text.hpp"

namespace gpupass {

namespace {

std::string memory_words(const NumaNode& node) {
  std::string text = node.memory_bytes ? ", memory " + rounded_size(*node.memory_bytes) : "";
  for (const HugePages& pages : node.huge_pages)
    if (pages.total > 0)
      text += fmt::format(", {} of {} pages of {} free", pages.free, pages.total,
                          rounded_size(pages.page_size_bytes));
  return text;
}

}  // namespace

std::string node_words(const TopologyNode& node) {
  if (!node.id) return "node unknown";
  const std::string name = fmt::format("node {}", *node.id);
  if (!node.node) return name;
  const Fact<CpuSet>& cpus = node.node->cpus;
  if (!cpus) return name + ": CPUs unknown" + memory_words(*node.node);
  return name + (cpus->empty() ? ": no CPUs" : ": CPUs " + cpus->to_string()) + memory_words(*node.node);
}

}  // namespace gpupass
