// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gpupass/render.hpp"
#include "render/text/link.hpp"
#include "render/text/text.hpp"
#include "render/text/topology_tree.hpp"
#include "render/text/words.hpp"

namespace gpupass {

namespace {

/// ", offline 3-5"; empty for none.
std::string cpus_text(const char* state, const Fact<CpuSet>& cpus) {
  if (cpus.unknown()) return fmt::format(", {} unknown", state);
  if (!cpus || cpus->empty()) return {};
  return fmt::format(", {} {}", state, cpus->to_string());
}

std::string cpus_line(const Host& host) {
  if (!host.cpus) return "CPUs: unknown\n";
  const CpuTopology& cpus = *host.cpus;
  std::string text = fmt::format("CPUs: {} in {} cores, {} packages", cpus.cpus.size(), cpus.cores.size(),
                                 cpus.packages.size());
  if (!cpus.last_level_caches.empty()) {
    const Cache& cache = cpus.last_level_caches.front();
    text += fmt::format(", {} L{} caches of {}", cpus.last_level_caches.size(), cache.level,
                        rounded_size(cache.size_bytes));
  }
  text += cpus_text("offline", host.offline_cpus);
  text += cpus_text("isolated", host.isolated_cpus);
  return text + '\n';
}

std::string iommu_line(const Host& host) {
  if (!host.iommu.asked()) return {};
  if (!host.iommu) return "IOMMU: unknown\n";
  const Iommu& iommu = *host.iommu;
  const auto all = [](const std::vector<std::string>& words) {
    return printable(fmt::format("{}", fmt::join(words, " ")));
  };
  std::string text = "IOMMU: " + (iommu.units.empty() ? std::string("none is active") : all(iommu.units));
  text += fmt::format(", interrupts remapped: {}", to_string(answer_of(iommu.interrupt_remapping)));
  if (!iommu.firmware_tables.empty()) text += ", firmware tables " + all(iommu.firmware_tables);
  if (!iommu.kernel_options.empty()) text += ", kernel options " + all(iommu.kernel_options);
  return text + '\n';
}

std::string pinned_lines(const Host& host) {
  std::string text;
  if (host.domains)
    for (const Domain& domain : *host.domains)
      if (!domain.pinned_cpus.empty())
        text += fmt::format("guest {}: pinned to CPUs {}\n", printable(domain.name),
                            domain.pinned_cpus.to_string());
  return text;
}

std::string memory_words(const NumaNode& node) {
  std::string text = node.memory_bytes ? ", memory " + rounded_size(*node.memory_bytes) : "";
  for (const HugePages& pages : node.huge_pages)
    if (pages.total > 0)
      text += fmt::format(", {} of {} pages of {} free", pages.free, pages.total,
                          rounded_size(pages.page_size_bytes));
  return text;
}

std::string node_line(const TopologyNode& node) {
  if (!node.id) return "node unknown\n";
  std::string text;
  for (const unsigned package : node.packages) text += fmt::format("package {}, ", package);
  text += fmt::format("node {}", *node.id);
  if (!node.node) return text + '\n';
  const NumaNode& numa = *node.node;
  if (!numa.cpus)
    text += ": CPUs unknown";
  else
    text += numa.cpus->empty() ? ": no CPUs" : ": CPUs " + numa.cpus->to_string();
  text += memory_words(numa);
  if (numa.distances) text += fmt::format(", distances {}", fmt::join(*numa.distances, " "));
  return text + '\n';
}

std::string bridge_word(const PciFunction& bridge) {
  if (bridge.config && bridge.config->express) return std::string(to_string(*bridge.config->express));
  // Only a port has a link; one on a root bus is a root port.
  return bridge.parent.absent() && bridge.link ? "root port" : "bridge";
}

void add_branch(std::string& text, const TopologyBranch& branch, const NameLookup& names, std::size_t depth) {
  const PciFunction& function = *branch.function;
  text += std::string(2 * depth, ' ') + function.address.to_string();
  const bool bridge = function.class_code && is_bridge_class(*function.class_code);
  if (bridge) {
    text += "  " + bridge_word(function);
    if (function.link) text += "  " + link_best(function.link);
    text += '\n';
  } else {
    const bool gpu = function.class_code && is_gpu_class(*function.class_code);
    const auto kind = gpu ? "GPU" : function.class_code ? class_word(*function.class_code) : "device";
    text += fmt::format("  {}  {}  driver {}\n", kind, name_of(function, names), text_of(function.driver));
  }
  for (const TopologyBranch& below : branch.below) add_branch(text, below, names, depth + 1);
}

}  // namespace

std::string render_topology(const Host& host, const NameLookup& names) {
  std::string text = cpus_line(host) + iommu_line(host) + pinned_lines(host);
  for (const TopologyNode& node : topology_of(host)) {
    text += node_line(node);
    for (const TopologyBranch& branch : node.devices) add_branch(text, branch, names, 1);
  }
  return text;
}

}  // namespace gpupass
