// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "policy/place_cores.hpp"
#include "policy/place_gpu.hpp"
#include "policy/place_memory.hpp"

namespace gpupass {

namespace {

constexpr unsigned kDefaultVcpus = 4;
constexpr std::uint64_t kDefaultMemory = std::uint64_t{8} << 30;

void check_request(const Request& request) {
  const std::size_t gpus = std::max<std::size_t>(request.gpu_count, request.gpus.size());
  if (gpus > 1)
    throw placement_refused(request, fmt::format("{} GPUs asked for", gpus),
                            "one: placing several GPUs is not yet available");
  if (gpus == 0 || request.vcpus == 0u)
    throw Error(ErrorCode::Usage, request.name,
                fmt::format("cannot place {}: saw a request for 0 {}, expected at least 1", request.name,
                            gpus == 0 ? "GPUs" : "vCPUs"));
}

void check_host(const Host& host, const Request& request) {
  if (host.architecture && *host.architecture != "x86_64")
    throw placement_refused(request, fmt::format("a host of architecture {}", *host.architecture), "x86_64");
  if (!host.cpus)
    throw placement_refused(request,
                            fmt::format("no CPU topology ({})",
                                        host.cpus.unknown() ? host.cpus.why() : "this host describes none"),
                            "the host's packages, cores and caches");
}

/// The host's nodes; a kernel without NUMA is one node with all CPUs.
std::vector<NumaNode> nodes_of(const Host& host, const Request& request) {
  if (host.numa_nodes.absent()) {
    NumaNode whole;
    whole.cpus = host.cpus->cpus;
    return {whole};
  }
  if (!host.numa_nodes || host.numa_nodes->empty())
    throw placement_refused(request,
                            fmt::format("no NUMA nodes ({})",
                                        host.numa_nodes.unknown() ? host.numa_nodes.why() : "none is online"),
                            "the CPUs and the memory of each node");
  return *host.numa_nodes;
}

struct Site {
  NumaNode node;
  std::string reason;
};

Site site_of(const Host& host, const Request& request, PciAddress gpu) {
  const std::vector<NumaNode> nodes = nodes_of(host, request);
  if (nodes.size() == 1)
    return {nodes.front(),
            fmt::format("{} is on node {}, the only one of this host", gpu.to_string(), nodes.front().id)};

  const PciFunction* function = find_function(host, gpu);
  const Fact<int> id = function ? nearest_numa_node(host, *function) : Fact<int>();
  if (!id)
    throw placement_refused(
        request,
        fmt::format("{} on no known NUMA node{}", gpu.to_string(), id.unknown() ? ": " + id.why() : ""),
        "a node that the firmware names",
        fmt::format("where the board's manual tells the node, root can tell the kernel: "
                    "/sys/bus/pci/devices/{}/numa_node",
                    gpu.to_string()));
  for (const NumaNode& node : nodes)
    if (static_cast<int>(node.id) == *id)
      return {node, fmt::format("{} is on node {}", gpu.to_string(), node.id)};
  throw placement_refused(request, fmt::format("{} on node {}", gpu.to_string(), *id),
                          "one of the nodes that are online");
}

Placement place_beside(const Host& host, const Request& request, PciAddress gpu) {
  Site site = site_of(host, request, gpu);
  CoreChoice cores = choose_cores(
      host, site.node, {request.name, request.vcpus.value_or(kDefaultVcpus), request.reserved_cpus});
  const std::uint64_t memory = request.memory_bytes.value_or(kDefaultMemory);
  MemoryChoice pages = choose_memory(site.node, {request.name, memory, request.page_size_bytes});

  Placement placement;
  placement.gpus = {gpu};
  Cell cell{site.node.id, {}, memory, pages.page_size_bytes};
  for (const VcpuPin& pin : cores.pins) cell.cpus |= pin.cpus;
  placement.cells = {std::move(cell)};
  placement.vcpu_pins = std::move(cores.pins);
  placement.threads_per_core = cores.threads_per_core;
  placement.emulator_cpus = std::move(cores.emulator_cpus);
  placement.reasons = {std::move(site.reason)};
  std::ranges::move(cores.reasons, std::back_inserter(placement.reasons));
  placement.reasons.push_back(std::move(pages.reason));
  return placement;
}

/// Beside the first GPU where the guest fits; where it fits nowhere, the refusal tells of each place.
Placement place_beside_any(const Host& host, const Request& request, const std::vector<PciAddress>& gpus) {
  std::vector<std::string> refusals;
  std::string hint;
  for (const PciAddress gpu : gpus) {
    try {
      return place_beside(host, request, gpu);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Refused || gpus.size() == 1) throw;
      if (std::ranges::find(refusals, error.what()) == refusals.end()) refusals.emplace_back(error.what());
      if (hint.empty()) hint = error.hint();
    }
  }
  throw Error(ErrorCode::Refused, request.name, fmt::format("{}", fmt::join(refusals, "; ")), hint);
}

/// What the choice rests on without having been seen.
void add_uncertainties(const Host& host, Placement& placement) {
  if (!host.architecture) placement.reasons.push_back("the architecture is not known: taken for x86_64");
  if (host.domains.unknown())
    placement.reasons.push_back("the CPUs that other guests are pinned to are not known: " +
                                host.domains.why());
}

}  // namespace

Placement place(const Host& host, const Request& request) {
  check_request(request);
  check_host(host, request);
  Placement placement = place_beside_any(host, request, candidate_gpus(host, request));
  add_uncertainties(host, placement);
  return placement;
}

}  // namespace gpupass
