// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/large_host.hpp"

#include <algorithm>
#include <string>

#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass {

Host large_host(const Shape& shape) {
  Host host = two_sockets();
  const PciFunction port = function_of(host, {0, 0xc0, 1, 0}), gpu = function_of(host, kGpu1);
  std::erase_if(host.functions, [](const PciFunction& function) { return function.address != kConsole; });
  host.groups->clear();
  const unsigned cores = shape.nodes * shape.cores_on_each;
  CpuTopology topology;
  std::vector<NumaNode> nodes;
  for (unsigned id = 0; id < shape.nodes; ++id) {
    Cache cache{3, kGiB, {}};
    for (unsigned core = id * shape.cores_on_each; core < (id + 1) * shape.cores_on_each; ++core) {
      topology.cores.push_back({CpuSet{core, core + cores}});
      cache.cpus |= topology.cores.back().cpus;
    }
    NumaNode node;
    node.id = id;
    node.cpus = cache.cpus;
    node.free_bytes = 64 * kGiB;
    std::vector<unsigned> distances;
    for (unsigned other = 0; other < shape.nodes; ++other)
      distances.push_back(other == id ? 10 : other / shape.in_package == id / shape.in_package ? 12 : 32);
    node.distances = distances;
    nodes.push_back(node);
    topology.cpus |= cache.cpus;
    if (id % shape.in_package == 0) topology.packages.push_back({id / shape.in_package, {}});
    topology.packages.back().cpus |= cache.cpus;
    topology.last_level_caches.push_back(cache);
  }
  host.cpus = topology;
  host.numa_nodes = nodes;
  for (unsigned at = 0; at < shape.gpus; ++at) {
    const auto domain = at / shape.below_switch;
    if (at % shape.below_switch == 0) {
      PciFunction bridge = port;
      bridge.address = {domain, 0, 1, 0};
      bridge.numa_node = static_cast<int>(at / shape.on_each);
      bridge.root_bus = "pci" + std::to_string(domain);
      host.functions.push_back(bridge);
    }
    PciFunction next = gpu;
    next.address = {domain, 1, static_cast<std::uint8_t>(at % shape.below_switch), 0};
    next.parent = PciAddress{domain, 0, 1, 0};
    next.root_bus = "pci" + std::to_string(domain);
    next.iommu_group = at;
    host.functions.push_back(next);
    host.groups->push_back({at, {next.address}, std::string("DMA"), {}});
  }
  std::ranges::sort(host.functions, {}, &PciFunction::address);
  return host;
}

}  // namespace gpupass
