// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <optional>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/place/gpu_distance.hpp"
#include "values/card.hpp"
#include "values/numa.hpp"

namespace gpupass {

namespace {

std::optional<WayMatrix::Kind> kind_in_matrix(const PciFunction& function) {
  if (!function.class_code || is_virtual(function)) return std::nullopt;
  if (is_gpu(function) && !function.link.absent()) return WayMatrix::Kind::Gpu;
  if (is_network(function)) return WayMatrix::Kind::Network;
  if (is_nvme(function)) return WayMatrix::Kind::Nvme;
  return std::nullopt;
}

Fact<CpuSet> cpus_near(const Host& host, const Fact<int>& node) {
  if (!node) return node.without_value<CpuSet>();
  if (!host.numa_nodes) return host.numa_nodes.without_value<CpuSet>();
  if (const NumaNode* near = *node < 0 ? nullptr : find_node(host, static_cast<unsigned>(*node)))
    return near->cpus;
  return Absent{};
}

}  // namespace

WayMatrix assess_ways(const Host& host) {
  expect_asked(host, {.all_functions = true, .links = true, .cpus = true}, "compare", "the host");
  WayMatrix matrix;
  for (const PciFunction& function : host.functions)
    if (const auto kind = kind_in_matrix(function)) {
      const Fact<int> node = nearest_numa_node(host, function);
      matrix.devices.push_back({*kind, function.address, cpus_near(host, node), node});
    }
  std::ranges::stable_sort(matrix.devices, {}, &WayMatrix::Device::kind);
  std::vector<const PciFunction*> functions;
  for (const WayMatrix::Device& device : matrix.devices)
    functions.push_back(find_function(host, device.address));
  const Distances distances = gpu_distances(host, functions);
  for (std::size_t one = 0; one < functions.size(); ++one) {
    std::vector<Way>& row = matrix.ways.emplace_back();
    for (std::size_t other = 0; other < functions.size(); ++other)
      row.push_back(one == other ? Way::Itself : way_of(distances[one][other]));
  }
  return matrix;
}

}  // namespace gpupass
