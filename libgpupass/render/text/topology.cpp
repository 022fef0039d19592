// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gpupass/render.hpp"
#include "render/text/names.hpp"
#include "render/text/node_words.hpp"
#include "render/text/text.hpp"
#include "render/text/tone.hpp"
#include "render/text/topology_tree.hpp"
#include "render/text/words.hpp"
#include "values/link.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kContinued = 4;

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

std::string node_line(const TopologyNode& node) {
  std::string text;
  for (const unsigned package : node.packages) text += fmt::format("package {}, ", package);
  text += node_words(node);
  if (node.node && node.node->distances)
    text += fmt::format(", distances {}", fmt::join(*node.node->distances, " "));
  return text;
}

std::string bridge_word(const PciFunction& bridge) {
  if (bridge.config && bridge.config->express) return std::string(to_string(*bridge.config->express));
  // Only a port has a link; one on a root bus is a root port.
  return bridge.parent.absent() && bridge.link ? "root port" : "bridge";
}

std::string branch_line(const Host& host, const PciFunction& function, const NameLookup& names) {
  const std::string address = short_address(host, function.address);
  if (function.class_code && is_bridge_class(*function.class_code)) {
    const std::string link = function.link ? "  " + link_best(function.link) : "";
    return fmt::format("{}  {}{}", address, bridge_word(function), link);
  }
  const bool gpu = function.class_code && is_gpu_class(*function.class_code);
  const auto kind = gpu ? "GPU" : function.class_code ? class_word(*function.class_code) : "device";
  return fmt::format("{}  {}  {}  driver {}", address, kind, model_name(function, names),
                     text_of(function.driver));
}

/// GPUs stand out from the ways that lead to them.
Tone tone_of(const PciFunction& function) {
  if (!function.class_code) return Tone::Plain;
  if (is_gpu_class(*function.class_code)) return Tone::Good;
  return is_bridge_class(*function.class_code) ? Tone::Quiet : Tone::Plain;
}

/// Adds the branches below a line. `stem` is what stands to their left.
void add_branches(std::string& text, const Host& host, const std::vector<TopologyBranch>& branches,
                  const NameLookup& names, const View& view, const std::string& stem) {
  for (const TopologyBranch& branch : branches) {
    const bool last = &branch == &branches.back();
    const std::string fork = !view.boxes ? "  " : last ? "└─ " : "├─ ";
    const std::string line = stem + fork + branch_line(host, *branch.function, names);
    text += toned(view.columns > 0 ? shortened(line, view.columns) : line, tone_of(*branch.function), view) +
            '\n';
    add_branches(text, host, branch.below, names, view, stem + (!view.boxes ? "  " : last ? "   " : "│  "));
  }
}

}  // namespace

std::string render_topology(const Host& host, const NameLookup& names, const View& view) {
  std::string text;
  const std::string host_lines = cpus_line(host) + iommu_line(host) + pinned_lines(host);
  for (const std::string_view line : lines_of(host_lines))
    text += wrapped(std::string(line), view, kContinued) + '\n';
  for (const TopologyNode& node : topology_of(host)) {
    text += toned(wrapped(node_line(node), view, kContinued), Tone::Strong, view) + '\n';
    add_branches(text, host, node.devices, names, view, "");
  }
  return text;
}

}  // namespace gpupass
