// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "values/card.hpp"
#include "values/link.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr const char* kIfMeant = "if this is meant, gpupass capture FILE takes a new baseline";

/// What differs between two looks at a host. A fact that only one of them has is no difference.
class Drift {
 public:
  Drift(const Host& now, const Host& then) : now_(now), then_(then) {}

  std::vector<Finding> find();

 private:
  void compare_host();
  void compare_nodes();
  void compare_gpu(const PciFunction& gpu, const PciFunction& earlier);
  void compare_links(const PciFunction& gpu, const PciFunction& earlier);
  void compare_groups(const PciFunction& gpu, const PciFunction& earlier);
  void look_for(const PciFunction& earlier);

  void add(const char* id, Verdict verdict, const std::string& subject, std::string message) {
    findings_.push_back({id, verdict, subject, std::move(message), verdict == Verdict::Pass ? "" : kIfMeant});
  }
  void warn(const char* id, const PciFunction& gpu, const std::string& what) {
    add(id, Verdict::Warn, gpu.address.to_string(), gpu.address.to_string() + what);
  }

  const Host& now_;
  const Host& then_;
  std::vector<Finding> findings_;
};

template <typename T>
bool differ(const Fact<T>& now, const Fact<T>& then) {
  const bool both = (now.known() || now.absent()) && (then.known() || then.absent());
  return both && now != then;
}

std::string name_or_none(const Fact<std::string>& name) {
  return name.value_or("none");
}

/// Where the same device is now. nullopt: nothing tells it from others of its model, or it is nowhere.
const PciFunction* find_same(const Host& host, const Host& then, const PciFunction& earlier) {
  const Identity identity = identity_of(then, earlier);
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && likeness(identity, identity_of(host, function)) == Likeness::Same)
      return &function;
  return nullptr;
}

void Drift::compare_host() {
  if (now_.iommu && then_.iommu) {
    if (now_.iommu->units.empty() != then_.iommu->units.empty())
      add("drift.iommu", Verdict::Warn, "host",
          now_.iommu->units.empty() ? "an IOMMU was active, and none is now"
                                    : "an IOMMU is active, and none was");
    if (differ(now_.iommu->interrupt_remapping, then_.iommu->interrupt_remapping))
      add("drift.iommu", Verdict::Warn, "host",
          *now_.iommu->interrupt_remapping ? "interrupts are remapped, and were not"
                                           : "interrupts were remapped, and are not now");
    if (now_.iommu->kernel_options != then_.iommu->kernel_options)
      add("drift.options", Verdict::Warn, "host",
          fmt::format("the kernel's options about the IOMMU are \"{}\", and were \"{}\"",
                      fmt::join(now_.iommu->kernel_options, " "),
                      fmt::join(then_.iommu->kernel_options, " ")));
  }
}

/// Those that are online.
CpuSet cpus_of_nodes(const Host& host) {
  CpuSet cpus;
  for (const NumaNode& node : host.numa_nodes.value_or({})) cpus |= node.cpus.value_or({});
  return cpus;
}

/// A kernel keeps a little memory for itself, which differs from boot to boot.
void Drift::compare_nodes() {
  if (!now_.numa_nodes || !then_.numa_nodes) return;
  if (now_.numa_nodes->size() != then_.numa_nodes->size())
    return add("drift.nodes", Verdict::Warn, "host",
               fmt::format("the host has {} NUMA nodes, and had {}: the firmware's setup decides (NPS, SNC)",
                           now_.numa_nodes->size(), then_.numa_nodes->size()));
  const CpuSet cpus = cpus_of_nodes(now_), had = cpus_of_nodes(then_);
  if (cpus != had && !cpus.empty() && !had.empty())
    add("drift.cpus", Verdict::Warn, "host",
        fmt::format("{} CPUs are online, and {} were", cpus.size(), had.size()));
  for (std::size_t at = 0; at < now_.numa_nodes->size(); ++at) {
    const NumaNode &node = (*now_.numa_nodes)[at], &earlier = (*then_.numa_nodes)[at];
    if (!node.memory_bytes || !earlier.memory_bytes) continue;
    const std::uint64_t slack = *earlier.memory_bytes / 64;
    if (*node.memory_bytes + slack < *earlier.memory_bytes)
      add("drift.memory", Verdict::Warn, "host",
          fmt::format("node {} has {} GiB of memory, and had {}", node.id, *node.memory_bytes >> 30,
                      *earlier.memory_bytes >> 30));
  }
}

void Drift::compare_links(const PciFunction& gpu, const PciFunction& earlier) {
  const Fact<PciLink> best = path_link(now_, gpu), was = path_link(then_, earlier);
  if (best && was && best->max_width > 0 && was->max_width > 0 &&
      (best->max_width < was->max_width || best->max_speed_gts < was->max_speed_gts))
    return warn("drift.link", gpu,
                fmt::format(" could be linked at {}, and now at {}", link_best(was), link_best(best)));
  if (gpu.link && earlier.link && gpu.link->width > 0 && gpu.link->width < earlier.link->width)
    warn("drift.link", gpu, fmt::format(" has {} lanes, and had {}", gpu.link->width, earlier.link->width));
}

void Drift::compare_groups(const PciFunction& gpu, const PciFunction& earlier) {
  const IommuGroup* group = gpu.iommu_group ? find_group(now_, *gpu.iommu_group) : nullptr;
  const IommuGroup* was = earlier.iommu_group ? find_group(then_, *earlier.iommu_group) : nullptr;
  if (!group || !was || gpu.address != earlier.address || group->members == was->members) return;
  warn("drift.group", gpu,
       fmt::format(" shares its IOMMU group with {}, and did with {}", addresses_text(group->members),
                   addresses_text(was->members)));
}

void Drift::compare_gpu(const PciFunction& gpu, const PciFunction& earlier) {
  compare_links(gpu, earlier);
  compare_groups(gpu, earlier);
  if (differ(gpu.driver, earlier.driver))
    warn("drift.driver", gpu,
         fmt::format(" has the driver {}, and had {}", name_or_none(gpu.driver),
                     name_or_none(earlier.driver)));
  const Fact<int> node = nearest_numa_node(now_, gpu), was = nearest_numa_node(then_, earlier);
  if (node && was && *node != *was)
    warn("drift.node", gpu, fmt::format(" is on NUMA node {}, and was on {}", *node, *was));
  if (differ(gpu.reset_methods, earlier.reset_methods))
    warn("drift.reset", gpu,
         fmt::format(" can be reset by \"{}\", and could by \"{}\"", fmt::join(*gpu.reset_methods, " "),
                     fmt::join(*earlier.reset_methods, " ")));
  const auto sizes = [](const PciFunction& function) {
    std::vector<std::uint64_t> all;
    for (const Bar& bar : function.bars.value_or({})) all.push_back(bar.size_bytes);
    return all;
  };
  if (gpu.bars && earlier.bars && sizes(gpu) != sizes(earlier))
    warn("drift.bars", gpu,
         " shows other sizes of memory (BARs) than it did: the window of a guest depends on them");
}

/// Of a GPU that is no longer where it was.
void Drift::look_for(const PciFunction& earlier) {
  const std::string name = earlier.address.to_string();
  const PciFunction* here = find_function(now_, earlier.address);
  if (const PciFunction* moved = find_same(now_, then_, earlier)) {
    add("drift.moved", Verdict::Warn, moved->address.to_string(),
        fmt::format("{} was at {}", moved->address.to_string(), name));
    compare_gpu(*moved, earlier);
  } else if (here && is_gpu(*here)) {
    add("drift.device", Verdict::Warn, name,
        fmt::format("{} is another device: {}, and was {}", name, text_of(identity_of(*here)),
                    text_of(identity_of(earlier))));
  } else {
    add("drift.missing", Verdict::Fail, name,
        fmt::format("{} is gone: {}", name, text_of(identity_of(earlier))));
  }
}

std::vector<Finding> Drift::find() {
  compare_host();
  compare_nodes();
  for (const PciFunction& earlier : then_.functions) {
    if (!is_gpu(earlier)) continue;
    const PciFunction* here = find_function(now_, earlier.address);
    const bool same = here && is_gpu(*here) &&
                      likeness(identity_of(then_, earlier), identity_of(now_, *here)) != Likeness::Other;
    same ? compare_gpu(*here, earlier) : look_for(earlier);
  }
  for (const PciFunction& gpu : now_.functions) {
    const PciFunction* earlier = find_function(then_, gpu.address);
    if (is_gpu(gpu) && !(earlier && is_gpu(*earlier)) && !find_same(then_, now_, gpu))
      add("drift.new", Verdict::Warn, gpu.address.to_string(),
          fmt::format("{} is new: {}", gpu.address.to_string(), text_of(identity_of(gpu))));
  }
  if (findings_.empty()) add("drift.none", Verdict::Pass, "host", "the host is as its baseline");
  return std::move(findings_);
}

}  // namespace

std::vector<Finding> check_drift(const Host& host, const Host& baseline) {
  const Parts parts = {.links = true, .details = true, .iommu = true, .health = true};
  expect_asked(host, parts, "compare", "the host");
  expect_asked(baseline, parts, "compare", "the baseline");
  return Drift(host, baseline).find();
}

}  // namespace gpupass
