// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/place/refusal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "gpupass/units.hpp"
#include "policy/place/gpu.hpp"
#include "policy/place/nearest_fit.hpp"
#include "policy/place/no_room.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

/// "; of its other cores are 2 pinned by other guests, 1 reserved", for what is not free.
std::string taken(const std::vector<const FreeNode*>& nodes) {
  unsigned pinned = 0, reserved = 0, isolated = 0;
  for (const FreeNode* node : nodes) {
    pinned += node->pinned;
    reserved += node->reserved;
    isolated += node->isolated;
  }
  std::vector<std::string> parts;
  if (pinned != 0) parts.push_back(fmt::format("{} pinned by other guests", pinned));
  if (reserved != 0) parts.push_back(fmt::format("{} reserved", reserved));
  if (isolated != 0) parts.push_back(fmt::format("{} isolated", isolated));
  if (parts.empty()) return "";
  return fmt::format("; {} other cores: {}", nodes.size() == 1 ? "its" : "their", fmt::join(parts, ", "));
}

std::string nodes_text(const std::vector<const FreeNode*>& nodes) {
  CpuSet ids;
  for (const FreeNode* node : nodes) ids.insert(node->node.id);
  return fmt::format("{} {}", nodes.size() == 1 ? "node" : "nodes", ids.to_string());
}

std::vector<const FreeNode*> nodes_in(const FreeResources& resources,
                                      const std::vector<UsedNode>& used_nodes) {
  std::vector<const FreeNode*> nodes;
  for (const UsedNode& used_node : used_nodes) nodes.push_back(&resources.nodes[used_node.node]);
  return nodes;
}

std::size_t room_of(const std::vector<const FreeNode*>& nodes) {
  std::size_t room = 0;
  for (const FreeNode* node : nodes) room += threads_of(*node, kAnyKind);
  return room;
}

Finding cpus_short(const std::string& guest, const std::vector<const FreeNode*>& nodes, std::size_t vcpus) {
  std::size_t cores = 0;
  for (const FreeNode* node : nodes)
    for (const Cores& cache : node->caches) cores += cache.size();
  const std::size_t room = room_of(nodes);
  return no_room(guest, fmt::format("on {}: saw {} free cores with {} CPUs beside what stays for the host, "
                                    "expected {} CPUs, {} more{}",
                                    nodes_text(nodes), cores, room, vcpus, vcpus - room, taken(nodes)));
}

/// What is missing on the first node that has too little room for its part of the memory.
Finding memory_short_on(const FreeResources& resources, const Problem& problem,
                        const std::vector<UsedNode>& used_nodes) {
  std::vector<std::uint64_t> weights;
  for (const UsedNode& used_node : used_nodes) weights.push_back(std::max(1U, used_node.gpus));
  MemoryRequest part = problem.guest_needs.memory;
  const std::uint64_t unit = least_page(part);
  const auto parts = by_weight(part.bytes / unit, weights);
  for (std::size_t at = 0; at < used_nodes.size(); ++at) {
    const NumaNode& node = resources.nodes[used_nodes[at].node].node;
    part.bytes = parts[at] * unit;
    if (!share_on(node, part)) return memory_short(node, part);
  }
  return no_room(part.guest,
                 fmt::format("on {}: saw {} that each node could hold a part of but not all of it, "
                             "expected less",
                             nodes_text(nodes_in(resources, used_nodes)),
                             format_size(problem.guest_needs.memory.bytes)));
}

/// Which cell of the user's own split does not fit on its node.
Finding cell_misfit(const FreeResources& resources, const Problem& problem,
                    const std::vector<UsedNode>& used_nodes) {
  const std::string& guest = problem.guest_needs.memory.guest;
  for (const UsedNode& used_node : used_nodes)
    if (const unsigned id = resources.nodes[used_node.node].node.id;
        std::ranges::find(problem.guest_needs.cells, id, &CellRequest::node) ==
        problem.guest_needs.cells.end())
      return no_room(guest, fmt::format("saw a GPU or a device on node {}, expected a cell there", id));
  for (const CellRequest& cell : problem.guest_needs.cells) {
    const auto node =
        std::ranges::find_if(resources.nodes, [&](const FreeNode& at) { return at.node.id == cell.node; });
    if (node == resources.nodes.end())
      return no_room(guest,
                     fmt::format("saw a cell on node {}, expected one on a node that has CPUs", cell.node));
    if (threads_of(*node, kAnyKind) < cell.vcpus) return cpus_short(guest, {&*node}, cell.vcpus);
    MemoryRequest part = problem.guest_needs.memory;
    part.bytes = cell.memory_bytes;
    if (!share_on(node->node, part)) return memory_short(node->node, part);
  }
  return no_room(guest, "saw cells that fit one by one but not together, expected others");
}

/// What is missing on these nodes, and how to get it.
Finding misfit(const FreeResources& resources, const Problem& problem,
               const std::vector<UsedNode>& used_nodes) {
  if (!problem.guest_needs.cells.empty()) return cell_misfit(resources, problem, used_nodes);
  const std::vector<const FreeNode*> nodes = nodes_in(resources, used_nodes);
  const std::string& guest = problem.guest_needs.memory.guest;
  if (room_of(nodes) < problem.guest_needs.vcpus) return cpus_short(guest, nodes, problem.guest_needs.vcpus);
  std::vector<UsedNode> needed = used_nodes;
  std::erase_if(needed, [](const UsedNode& used_node) { return used_node.gpus == 0; });
  if (problem.guest_needs.vcpus < needed.size())
    return no_room(guest, fmt::format("on {}: saw {} vCPUs, expected at least one for each of {} nodes",
                                      nodes_text(nodes), problem.guest_needs.vcpus, needed.size()));
  // All of them together have enough, and each must have some.
  for (const FreeNode* node : nodes_in(resources, needed))
    if (room_of({node}) == 0) return cpus_short(guest, {node}, 1);
  return memory_short_on(resources, problem, used_nodes);
}

Finding too_few_gpus(const Request& request, const FreeResources& resources, std::size_t wanted) {
  const std::string others =
      resources.passed_over.empty() ? "" : fmt::format(" ({})", fmt::join(resources.passed_over, "; "));
  if (!resources.gpus.empty())
    return no_room(request.name,
                   fmt::format("saw {} free GPUs{}, expected {}, {} more", resources.gpus.size(), others,
                               wanted, wanted - resources.gpus.size()));
  const std::string seen = resources.passed_over.empty() ? "no GPU" : "no free GPU" + others;
  return no_room(request.name, fmt::format("saw {}, expected {} that can be given away", seen,
                                           wanted == 1 ? "one" : fmt::to_string(wanted)));
}

Finding no_node(const Host& host, const Request& request, const FreeDevice& gpu) {
  const PciFunction* function = find_function(host, gpu.address);
  const Fact<int> id = function ? nearest_numa_node(host, *function) : Fact<int>();
  const std::string name = gpu.address.to_string();
  if (id)
    return no_room(
        request.name,
        fmt::format("saw {} on node {}, expected one of the nodes that are online and have CPUs", name, *id));
  return no_room(
      request.name,
      fmt::format("saw {} on no known NUMA node{}, expected a node that the firmware names", name,
                  id.unknown() ? ": " + id.why() : ""),
      fmt::format(
          "if the board's manual names the node, write it, as root, to {}; or ask for --numa preferred",
          sysfs_path(gpu.address, "numa_node")));
}

const FreeDevice* without_node(const FreeResources& resources) {
  for (const auto* devices : {&resources.devices, &resources.gpus})
    for (const FreeDevice& device : *devices)
      if (!device.node) return &device;
  return nullptr;
}

/// No set of GPUs stands on nodes that the policy allows.
Finding no_nodes(const Host& host, const Request& request, Solver& solver, const Problem& problem) {
  const FreeResources& resources = solver.resources();
  Problem anywhere = problem;
  anywhere.numa = NumaPolicy::Preferred;
  if (solver.node_sets(anywhere, 1).empty())
    return no_room(
        request.name,
        fmt::format("saw {} GPUs, some of which share an IOMMU group, expected a number that whole "
                    "groups make up",
                    resources.gpus.size()),
        "gpupass groups shows them");
  if (const FreeDevice* device = without_node(resources)) return no_node(host, request, *device);
  return no_room(request.name,
                 fmt::format("saw no {} GPUs of one package with their devices, expected all on nodes of one "
                             "package",
                             problem.gpus),
                 "ask for --numa required: it may cross packages");
}

/// Whether all nodes of one set are in another, which then lacks less.
bool within(const std::vector<UsedNode>& some, const std::vector<UsedNode>& others) {
  return some.size() < others.size() &&
         std::ranges::all_of(
             some,
             [&](const UsedNode& used_node) {
               return std::ranges::find(others, used_node.node, &UsedNode::node) != others.end();
             });
}

}  // namespace

Error refusal(const Host& host, const Request& request, Solver& solver, const Problem& problem) {
  constexpr std::size_t kMostNamed = 64;
  constexpr std::size_t kMostReasons = 8;  // Nobody reads more.
  const FreeResources& resources = solver.resources();
  const auto sets = solver.node_sets(problem, kMostNamed);
  std::vector<Finding> reasons;
  if (resources.gpus.size() < problem.gpus)
    reasons.push_back(too_few_gpus(request, resources, problem.gpus));
  else if (sets.empty())
    reasons.push_back(no_nodes(host, request, solver, problem));
  for (const std::vector<UsedNode>& used_nodes : sets) {
    const bool larger =
        std::ranges::any_of(sets, [&](const auto& others) { return within(used_nodes, others); });
    if (!larger && reasons.size() < kMostReasons) reasons.push_back(misfit(resources, problem, used_nodes));
  }
  std::string nearest;
  std::vector<Request> alternatives;
  for (NearestFit& fit : nearest_fits(host, request, solver, problem)) {
    nearest += (nearest.empty() ? "it fits " : ", or ") + fit.words;
    alternatives.push_back(std::move(fit.request));
  }
  if (std::string& remedy = reasons.back().remedy; !nearest.empty())
    remedy = remedy.empty() ? nearest : nearest + "; or " + remedy;
  return Error(ErrorCode::Refused, request.name, fmt::format("cannot place {}", request.name),
               std::move(reasons), std::move(alternatives));
}

Error not_known(const Request& request, const Problem& problem) {
  return Error(
      ErrorCode::Refused, request.name, fmt::format("cannot place {}", request.name),
      {{"guest.room", Verdict::Unknown, request.name,
        fmt::format("unknown whether {} GPUs, {} vCPUs and {} of memory fit on this host: the search was "
                    "stopped before it had seen all placements",
                    problem.gpus, problem.guest_needs.vcpus, format_size(problem.guest_needs.memory.bytes)),
        "name the GPUs with --gpu, which leaves less to search"}});
}

}  // namespace gpupass
