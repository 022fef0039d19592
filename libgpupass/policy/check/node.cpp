// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "policy/check/rules.hpp"
#include "policy/guard/kernel_option.hpp"
#include "values/card.hpp"
#include "values/numa.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

const NumaNode* near_node(const Host& host, const Fact<int>& id) {
  return id && *id >= 0 ? find_node(host, static_cast<unsigned>(*id)) : nullptr;
}

std::uint64_t pages_of(const NumaNode& node) {
  std::uint64_t bytes = 0;
  for (const HugePages& pool : node.huge_pages) bytes += pool.total * pool.page_size_bytes;
  return bytes;
}

void warn(Findings& findings, const char* id, const std::string& subject, std::string message,
          std::string remedy) {
  findings.push_back({id, Verdict::Warn, subject, std::move(message), std::move(remedy)});
}

/// A node that has no CPUs or no memory gives a guest none near its GPU.
void judge_node(const NumaNode& node, const std::string& name, Findings& findings) {
  const bool cpus = !node.cpus || !node.cpus->empty();
  const bool memory = !node.memory_bytes || *node.memory_bytes > 0;
  if (!cpus)
    warn(
        findings, "gpu.node-cpus", name,
        fmt::format(
            "{} is on node {}, which has no CPUs that are online: the CPUs of a guest are far from it", name,
            node.id),
        fmt::format("switch CPUs of node {} on (/sys/devices/system/cpu/cpuN/online), or put the card into a "
                    "slot of another socket",
                    node.id));
  if (!memory)
    warn(findings, "gpu.node-memory", name,
         fmt::format("{} is on node {}, which has no memory: the memory of a guest is far from it", name,
                     node.id),
         "put memory into the slots of that socket, or the card into a slot of another one");
  if (cpus && memory)
    findings.push_back(
        {"gpu.node", Verdict::Pass, name,
         fmt::format("{} is on node {}{}{}", name, node.id,
                     node.cpus ? fmt::format(", with {} CPUs", node.cpus->size()) : "",
                     node.memory_bytes ? fmt::format(" and {} GiB of memory", *node.memory_bytes >> 30) : ""),
         ""});
}

}  // namespace

/// On a host with one node everything is near.
void check_node(const Host& host, const Assessment& gpu, Findings& findings) {
  if (!host.numa_nodes || host.numa_nodes->size() < 2) return;
  const PciFunction& function = function_at(host, function_of(gpu.device));
  const std::string name = function.address.to_string();
  const Fact<int> id = nearest_numa_node(host, function);
  if (const NumaNode* node = near_node(host, id)) {
    judge_node(*node, name, findings);
    return;
  }
  warn(findings, "gpu.node", name,
       id ? fmt::format("{} is on node {}, which the host does not have", name, *id)
          : fmt::format(
                "the firmware does not say on which NUMA node {} is: a guest may be put on the wrong socket",
                name),
       fmt::format(
           "look for a newer firmware; until then the board's manual says to which socket the slot belongs, "
           "and gpupass place --numa preferred takes it"));
}

/// Huge pages that were reserved elsewhere are of no use to a guest that is placed near its GPU.
void check_pages(const Host& host, const Assessment& gpu, Findings& findings) {
  if (!host.numa_nodes || host.numa_nodes->size() < 2) return;
  const PciFunction& function = function_at(host, function_of(gpu.device));
  const NumaNode* near = near_node(host, nearest_numa_node(host, function));
  if (!near || near->memory_bytes.value_or(0) == 0 || pages_of(*near) > 0) return;
  std::string others;
  for (const NumaNode& node : *host.numa_nodes)
    if (pages_of(node) > 0) append_once(others, fmt::format("node {}", node.id), ", ");
  if (others.empty()) return;
  const std::string name = function.address.to_string();
  warn(findings, "gpu.node-pages", name,
       fmt::format("{} is on node {}, and huge pages are reserved on others alone: {}", name, near->id,
                   others),
       boot_with(host, fmt::format("hugepages={}:N", near->id)));
}

}  // namespace gpupass
