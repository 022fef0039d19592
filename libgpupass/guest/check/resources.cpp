// SPDX-License-Identifier: LGPL-2.1-or-later
// CPUs and nodes of the host that a definition names.
#include <fmt/format.h>

#include <set>
#include <string_view>

#include "guest/check/domain_check.hpp"
#include "guest/model/libvirt_values.hpp"

namespace gpupass {

namespace {

/// "CPU 7", "CPUs 7-9".
std::string counted(const std::string& what, const CpuSet& set) {
  return fmt::format("{}{} {}", what, set.size() == 1 ? "" : "s", set.to_string());
}

/// All CPUs that one kind of pin names.
class Pins {
 public:
  void add(pugi::xml_attribute cpuset) {
    // Where hundreds of vCPUs share one set, it is read once.
    if (!cpuset || !seen_.insert(cpuset.value()).second) return;
    if (const auto cpus = set_from(cpuset.value())) cpus_ |= *cpus;
  }
  const CpuSet& cpus() const { return cpus_; }

 private:
  std::set<std::string_view> seen_;
  CpuSet cpus_;
};

void check_pins(DomainCheck& check, const std::string& element, const CpuSet& pinned) {
  const Host& host = check.host();
  const CpuSet offline = (pinned & host.offline_cpus.value_or({})) - host.cpus->cpus;
  const CpuSet missing = pinned - host.cpus->cpus - offline;
  const std::string remedy = fmt::format("this host has the CPUs {} online", host.cpus->cpus.to_string());
  if (!missing.empty())
    check.fail("domain.cpu-missing",
               fmt::format("{} names {}, which this host does not have", element, counted("CPU", missing)),
               remedy);
  if (!offline.empty())
    check.fail("domain.cpu-missing",
               fmt::format("{} names {}, offline now", element, counted("CPU", offline)), remedy);
}

/// Quadrants of a processor without a memory module are such nodes.
CpuSet without_memory(const Host& host, const CpuSet& nodes) {
  CpuSet empty;
  for (const NumaNode& node : host.numa_nodes.value_or({}))
    if (nodes.contains(node.id) && node.memory_bytes && *node.memory_bytes == 0) empty.insert(node.id);
  return empty;
}

/// The nodes that the host has; nullopt where that is not known.
std::optional<CpuSet> nodes_of(const Host& host) {
  if (host.numa_nodes.absent()) return CpuSet{0};  // A kernel without NUMA; libvirt speaks of node 0 there.
  if (!host.numa_nodes) return std::nullopt;
  CpuSet nodes;
  for (const NumaNode& node : *host.numa_nodes) nodes.insert(node.id);
  return nodes;
}

}  // namespace

void check_cpus(DomainCheck& check) {
  if (!check.host().cpus) return;
  Pins anywhere;
  anywhere.add(check.domain().child("vcpu").attribute("cpuset"));
  check_pins(check, "<vcpu>", anywhere.cpus());
  for (const char* element : {"vcpupin", "emulatorpin", "iothreadpin"}) {
    Pins pins;
    for (const pugi::xml_node pin : check.domain().child("cputune").children(element))
      pins.add(pin.attribute("cpuset"));
    check_pins(check, fmt::format("<{}>", element), pins.cpus());
  }
}

void check_nodes(DomainCheck& check) {
  const std::optional<CpuSet> present = nodes_of(check.host());
  if (!present) return;
  CpuSet named;
  for (const pugi::xml_node element : check.domain().child("numatune").children())
    if (const pugi::xml_attribute nodeset = element.attribute("nodeset"))
      named |= set_from(nodeset.value()).value_or(CpuSet{});
  const CpuSet missing = named - *present;
  if (!missing.empty())
    check.fail("domain.node-missing",
               fmt::format("<numatune> names {}, which this host does not have", counted("node", missing)),
               fmt::format("this host has {}", counted("node", *present)));
  if (const CpuSet empty = without_memory(check.host(), named); !empty.empty() && empty == named - missing)
    check.fail("domain.node-missing",
               fmt::format("<numatune> names {}, where this host has no memory", counted("node", empty)),
               fmt::format("take the memory from {}", counted("node", *present - empty)));
}

}  // namespace gpupass
