// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether CPUs, memory and GPUs of a guest are near to each other, and whether the guest is told the truth.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "guest/check/domain_check.hpp"
#include "guest/model/cells.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/libvirt_values.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// Which CPUs of the host each vCPU may run on; those that may run anywhere are left out.
class VcpuPins {
 public:
  explicit VcpuPins(const DomainCheck& check) : present_(check.host().cpus->cpus) {
    all_ = present_part(check.domain().child("vcpu").attribute("cpuset"));
    for (const pugi::xml_node pin : check.domain().child("cputune").children("vcpupin"))
      if (const auto vcpu = parse_any_base(pin.attribute("vcpu").value()))
        own_.emplace(*vcpu, present_part(pin.attribute("cpuset")));
  }
  /// Empty: the definition leaves it open.
  const CpuSet& of(unsigned vcpu) const {
    const auto own = own_.find(vcpu);
    return own != own_.end() ? own->second : all_;
  }
  CpuSet of_all(const CpuSet& vcpus) const {
    CpuSet cpus;
    for (const unsigned vcpu : vcpus) cpus |= of(vcpu);
    return cpus;
  }

 private:
  CpuSet present_part(pugi::xml_attribute cpuset) const {
    return set_from(cpuset.value()).value_or(CpuSet{}) & present_;
  }

  CpuSet present_, all_;
  std::map<unsigned, CpuSet> own_;
};

/// None where those of one node are not known.
CpuSet cpus_of_nodes(const Host& host, const CpuSet& nodes) {
  CpuSet cpus;
  for (const NumaNode& node : *host.numa_nodes) {
    if (!nodes.contains(node.id)) continue;
    if (!node.cpus) return {};
    cpus |= *node.cpus;
  }
  return cpus;
}

CpuSet nodes_of_cpus(const Host& host, const CpuSet& cpus) {
  CpuSet nodes;
  for (const NumaNode& node : *host.numa_nodes)
    if (node.cpus.value_or({}).intersects(cpus)) nodes.insert(node.id);
  return nodes;
}

/// Memory of a node without CPUs is far from all of them.
void check_cell(DomainCheck& check, const GuestCell& cell, const VcpuPins& pins) {
  const auto backing = check.backing_of(cell.id);
  const CpuSet near = backing ? cpus_of_nodes(check.host(), *backing) : CpuSet();
  if (near.empty()) return;
  CpuSet far;
  for (const unsigned vcpu : cell.vcpus)
    if (!pins.of(vcpu).empty() && !pins.of(vcpu).intersects(near)) far.insert(vcpu);
  if (far.empty()) return;
  check.fail(
      "domain.cpu-far",
      fmt::format("{} of the {} vCPUs of the guest's cell {} are pinned to CPUs of node {}, but the cell's "
                  "memory is from node {}",
                  far.size(), cell.vcpus.size(), cell.id,
                  nodes_of_cpus(check.host(), pins.of_all(far)).to_string(), backing->to_string()),
      fmt::format("pin them to the CPUs {}, or take the memory from the other node; gpupass xml --base "
                  "writes both anew",
                  near.to_string()));
}

/// The nodes of the host that the guest uses; nullopt: its memory or its vCPUs may be anywhere.
std::optional<CpuSet> used_nodes(const DomainCheck& check, const std::vector<GuestCell>& cells,
                                 const VcpuPins& pins) {
  CpuSet nodes;
  for (const GuestCell& cell : cells) {
    const auto backing = check.backing_of(cell.id);
    const CpuSet cpus = pins.of_all(cell.vcpus);
    if (!backing || cpus.empty()) return std::nullopt;
    nodes |= *backing | nodes_of_cpus(check.host(), cpus);
  }
  return nodes;
}

bool share_package(const Host& host, const CpuSet& some, const CpuSet& others) {
  return std::ranges::any_of(host.cpus->packages, [&](const Package& package) {
    return package.cpus.intersects(some) && package.cpus.intersects(others);
  });
}

void check_gpus(DomainCheck& check, const CpuSet& used) {
  const Host& host = check.host();
  for (const PciAddress address : claimed_functions(check.domain())) {
    const PciFunction* gpu = find_function(host, address);
    const Fact<int> node = gpu && is_gpu(*gpu) ? nearest_numa_node(host, *gpu) : Fact<int>();
    if (!node || *node < 0) continue;
    const CpuSet own{static_cast<unsigned>(*node)};
    if (used.contains(own) || share_package(host, cpus_of_nodes(host, own), cpus_of_nodes(host, used)))
      continue;
    check.add("domain.gpu-far", Verdict::Warn, address.to_string(),
              fmt::format("{} is on node {}, but the guest's vCPUs and memory are on node {}",
                          address.to_string(), *node, used.to_string()),
              "give the guest CPUs and memory of the GPU's node, or a GPU of its own");
  }
}

/// The <topology> that the guest is told of; its vCPUs are numbered thread by thread, core by core.
struct GuestTopology {
  explicit GuestTopology(pugi::xml_node domain) {
    const pugi::xml_node topology = domain.child("cpu").child("topology");
    const auto value = [&](const char* name) {
      return std::min(topology.attribute(name).as_uint(1), kMostVcpus + 1);
    };
    packages = value("sockets");
    threads = value("threads");
    std::uint64_t all = packages;
    for (const char* part : {"dies", "clusters", "cores", "threads"})
      all = std::min<std::uint64_t>(all * value(part), kMostVcpus + 1);
    const unsigned vcpus = domain.child("vcpu").text().as_uint();
    told = topology && vcpus > 0 && vcpus <= kMostVcpus && all == vcpus;
    of_package = told ? vcpus / packages : 0;
  }
  bool told = false;
  unsigned packages = 1, of_package = 1, threads = 1;
};

CpuSet vcpus_from(unsigned first, unsigned count) {
  return first_vcpus(first + count) - first_vcpus(first);
}

void check_packages(DomainCheck& check, const GuestTopology& topology, const std::vector<GuestCell>& cells) {
  for (unsigned package = 0; package < topology.packages; ++package) {
    const CpuSet vcpus = vcpus_from(package * topology.of_package, topology.of_package);
    for (const GuestCell& cell : cells) {
      if (!vcpus.intersects(cell.vcpus) || vcpus.contains(cell.vcpus) || cell.vcpus.contains(vcpus)) continue;
      return check.add(
          "domain.topology", Verdict::Warn, check.name(),
          fmt::format("the guest's package {} has the vCPUs {}, but its cell {} has the vCPUs {}: "
                      "the guest believes caches to be shared across NUMA nodes",
                      package, vcpus.to_string(), cell.id, cell.vcpus.to_string()),
          "give each cell the vCPUs of whole packages; gpupass xml --base writes both anew");
    }
  }
}

/// The host's cores, by their lowest CPU.
CpuSet cores_of(const Host& host, const CpuSet& cpus) {
  CpuSet cores;
  for (const Core& core : host.cpus->cores)
    if (core.cpus.intersects(cpus)) cores.insert(core.cpus.front());
  return cores;
}

void check_siblings(DomainCheck& check, const GuestTopology& topology, const VcpuPins& pins) {
  if (topology.threads < 2) return;
  const unsigned cores = topology.packages * topology.of_package / topology.threads;
  unsigned split = 0;
  for (unsigned core = 0; core < cores; ++core) {
    const CpuSet first = cores_of(check.host(), pins.of(core * topology.threads));
    const CpuSet second = cores_of(check.host(), pins.of(core * topology.threads + 1));
    if (!first.empty() && !second.empty() && !first.intersects(second)) ++split;
  }
  if (split > 0)
    check.add(
        "domain.topology", Verdict::Warn, check.name(),
        fmt::format("the vCPUs of {} of the guest's {} cores are pinned to different cores of the host: what "
                    "the guest takes for siblings are none",
                    split, cores),
        "pin the vCPUs of one core to the siblings of one core; gpupass xml --base pins them so");
}

}  // namespace

void check_locality(DomainCheck& check) {
  const Host& host = check.host();
  if (!host.cpus) return;
  const std::vector<GuestCell> cells = cells_of(check.domain());
  const VcpuPins pins(check);
  const GuestTopology topology(check.domain());
  if (topology.told) check_siblings(check, topology, pins);
  if (topology.told && cells.size() > 1) check_packages(check, topology, cells);
  if (!host.numa_nodes) return;
  for (const GuestCell& cell : cells) check_cell(check, cell, pins);
  if (const auto used = used_nodes(check, cells, pins)) check_gpus(check, *used);
}

}  // namespace gpupass
