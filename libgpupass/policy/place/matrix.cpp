// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <optional>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/place/gpu_distance.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

std::optional<WayMatrix::Kind> kind_in_matrix(const PciFunction& function) {
  if (!function.class_code || is_virtual(function)) return std::nullopt;
  if (is_gpu(function) && !function.link.absent()) return WayMatrix::Kind::Gpu;
  if (*function.class_code >> 16 == 0x02) return WayMatrix::Kind::Network;
  if (*function.class_code >> 8 == 0x0108) return WayMatrix::Kind::Nvme;
  return std::nullopt;
}

Fact<CpuSet> cpus_near(const Host& host, const Fact<int>& node) {
  if (!node) return node.without_value<CpuSet>();
  if (!host.numa_nodes) return host.numa_nodes.without_value<CpuSet>();
  for (const NumaNode& each : *host.numa_nodes)
    if (static_cast<int>(each.id) == *node) return each.cpus;
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
  for (const WayMatrix::Device& one : matrix.devices) {
    std::vector<Way>& row = matrix.ways.emplace_back();
    for (const WayMatrix::Device& other : matrix.devices)
      row.push_back(one.address == other.address
                        ? Way::Itself
                        : way_of(gpu_distance(host, *find_function(host, one.address),
                                              *find_function(host, other.address))));
  }
  return matrix;
}

}  // namespace gpupass
