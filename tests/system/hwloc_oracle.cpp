// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hwloc_oracle.hpp"

#include <hwloc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <vector>

namespace gpupass {

namespace {

struct DestroyTopology {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, DestroyTopology>;

/// hwloc knows a root only through the environment.
void set_environment(const std::string& root) {
  // Sysfs alone: other components answer for a tree without CPUs with those of the running machine.
  setenv("HWLOC_COMPONENTS", "linux,stop", 1);
  setenv("HWLOC_PLUGINS_PATH", "/dev/null", 1);
  setenv("HWLOC_HIDE_ERRORS", "2", 1);
  setenv("HWLOC_FSROOT", root.c_str(), 1);
  setenv("HWLOC_THISSYSTEM", root == "/" ? "1" : "0", 1);
}

/// @returns nullptr when the root describes no CPUs.
Topology load(const std::string& root) {
  set_environment(root);
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) throw std::runtime_error("cannot start hwloc");
  Topology topology(raw);
  hwloc_topology_set_all_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_NONE);
  hwloc_topology_set_cache_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_ALL);
  for (const hwloc_obj_type_t type : {HWLOC_OBJ_PACKAGE, HWLOC_OBJ_CORE})
    hwloc_topology_set_type_filter(raw, type, HWLOC_TYPE_FILTER_KEEP_ALL);
  // CPUs that the cgroup of this process may not use are still CPUs of the host.
  hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  if (hwloc_topology_load(raw) != 0) topology.reset();
  return topology;
}

std::vector<hwloc_obj_t> objects(hwloc_topology_t topology, hwloc_obj_type_t type) {
  std::vector<hwloc_obj_t> found;
  for (hwloc_obj_t object = nullptr; (object = hwloc_get_next_obj_by_type(topology, type, object));)
    if (!hwloc_bitmap_iszero(object->cpuset)) found.push_back(object);
  return found;
}

/// On hybrid processors the last level differs between CPUs: it is asked of each one.
std::vector<hwloc_obj_t> last_level_caches(hwloc_topology_t topology) {
  std::set<hwloc_obj_t> found;
  for (const hwloc_obj_t cpu : objects(topology, HWLOC_OBJ_PU)) {
    hwloc_obj_t last = nullptr;
    for (hwloc_obj_t above = cpu->parent; above; above = above->parent)
      if (hwloc_obj_type_is_dcache(above->type)) last = above;
    if (last) found.insert(last);
  }
  return {found.begin(), found.end()};
}

std::vector<hwloc_obj_t> by_lowest_cpu(std::vector<hwloc_obj_t> objects) {
  std::ranges::sort(objects, {}, [](hwloc_obj_t object) { return hwloc_bitmap_first(object->cpuset); });
  return objects;
}

CpuSet cpu_set(hwloc_const_bitmap_t cpus) {
  char* text = nullptr;
  if (hwloc_bitmap_list_asprintf(&text, cpus) < 0) throw std::bad_alloc();
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  return CpuSet::parse(text).value();  // Both have the kernel's list form, "0-3,8".
}

CpuTopology describe(hwloc_topology_t topology) {
  CpuTopology cpus;
  cpus.cpus = cpu_set(hwloc_topology_get_topology_cpuset(topology));
  for (const hwloc_obj_t package : by_lowest_cpu(objects(topology, HWLOC_OBJ_PACKAGE)))
    if (package->os_index != HWLOC_UNKNOWN_INDEX)  // On s390 and POWER7 they have no numbers.
      cpus.packages.push_back({package->os_index, cpu_set(package->cpuset)});
  for (const hwloc_obj_t cache : by_lowest_cpu(last_level_caches(topology)))
    cpus.last_level_caches.push_back(
        {cache->attr->cache.depth, cache->attr->cache.size, cpu_set(cache->cpuset)});
  for (const hwloc_obj_t core : by_lowest_cpu(objects(topology, HWLOC_OBJ_CORE)))
    cpus.cores.push_back({cpu_set(core->cpuset)});
  return cpus;
}

}  // namespace

Fact<CpuTopology> cpus_by_hwloc(const std::string& root) {
  const Topology topology = load(root);
  return topology ? Fact<CpuTopology>(describe(topology.get())) : Absent{};
}

}  // namespace gpupass
