// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/host.hpp"

#include <algorithm>
#include <functional>

namespace gpupass {

namespace {

template <typename Range, typename Key, typename Projection>
auto find_sorted(const Range& range, const Key& key, Projection projection) -> decltype(&range[0]) {
  const auto place = std::ranges::lower_bound(range, key, {}, projection);
  return place != range.end() && std::invoke(projection, *place) == key ? &*place : nullptr;
}

}  // namespace

const PciFunction* find_function(const Host& host, PciAddress address) {
  return find_sorted(host.functions, address, &PciFunction::address);
}

const PciFunction* find_function(const Host& host, DeviceId device) {
  const auto address = device.function();
  return address ? find_function(host, *address) : nullptr;
}

const IommuGroup* find_group(const Host& host, std::uint32_t id) {
  return host.groups ? find_sorted(*host.groups, id, &IommuGroup::id) : nullptr;
}

const Domain* find_domain(const Host& host, const std::string& name) {
  return host.domains ? find_sorted(*host.domains, name, &Domain::name) : nullptr;
}

const Home* find_home(const Host& host, PciAddress address) {
  return host.homes ? find_sorted(*host.homes, address, &Home::address) : nullptr;
}

const BootBinding* find_boot_binding(const Host& host, PciAddress address) {
  return host.boot_bindings ? find_sorted(*host.boot_bindings, address, &BootBinding::address) : nullptr;
}

std::vector<const PciFunction*> path_to_root(const Host& host, const PciFunction& function) {
  std::vector<const PciFunction*> path;
  for (const PciFunction* at = &function; at && at->parent;) {
    at = find_function(host, *at->parent);
    // A captured tree may be edited, so the walk must end in a circle of parents.
    if (!at || at == &function || std::ranges::find(path, at) != path.end()) break;
    path.push_back(at);
  }
  return path;
}

Fact<int> nearest_numa_node(const Host& host, const PciFunction& function) {
  if (function.numa_node) return function.numa_node;
  for (const PciFunction* bridge : path_to_root(host, function))
    if (bridge->numa_node) return bridge->numa_node;
  if (!function.numa_node.asked()) return {};
  if (host.only_node) return host.only_node;
  return Unknown{"neither the firmware nor a bridge above names a node"};
}

}  // namespace gpupass
