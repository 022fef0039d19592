// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <hwloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gpupass/error.hpp"
#include "operations.hpp"

namespace gpupass {

namespace fs = std::filesystem;

namespace {

struct DestroyTopology {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, DestroyTopology>;

void clear_hwloc_variables() {
  std::vector<std::string> names;
  for (char** variable = environ; *variable; ++variable)
    if (std::strncmp(*variable, "HWLOC_", 6) == 0)
      names.emplace_back(*variable, std::strcspn(*variable, "="));
  for (const std::string& name : names) unsetenv(name.c_str());
}

/// hwloc knows a root only through the environment. Variables of the user may replace the host without a word
/// (HWLOC_SYNTHETIC, HWLOC_XMLFILE), so none of them is kept.
void prepare_environment(const std::string& root) {
  clear_hwloc_variables();
  // Sysfs alone: the component x86 binds itself to one CPU after the other, and it and no_os answer for a
  // tree without CPUs with those of the running machine. Without them the load fails, as it should.
  setenv("HWLOC_COMPONENTS", "linux,stop", 1);
  // Plug-ins are opened before a component can be refused, and vendors' plug-ins open the GPU.
  setenv("HWLOC_PLUGINS_PATH", "/dev/null", 1);
  setenv("HWLOC_HIDE_ERRORS", "2", 1);
  if (root == "/") return;
  setenv("HWLOC_FSROOT", root.c_str(), 1);
  setenv("HWLOC_THISSYSTEM", "0", 1);
}

[[noreturn]] void refuse_link(const fs::path& root, const fs::path& path) {
  throw Error(
      ErrorCode::Malformed, root,
      fmt::format("cannot read the CPUs below {}: saw a link at {}, expected none on the way to a CPU",
                  root.native(), path.native()));
}

/// hwloc follows links, also those that lead out of the tree, to the CPUs of the running machine. In sysfs
/// there are none on its way: cpu/cpuN/{topology,cache/indexN}/ATTRIBUTE.
void require_no_links(const fs::path& root) {
  const fs::path cpus = root / "sys/devices/system/cpu";
  std::error_code error;
  if (const fs::path real = fs::canonical(cpus, error); !error && real != cpus) refuse_link(root, cpus);
  for (fs::recursive_directory_iterator entry(cpus, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    const bool on_the_way = entry.depth() != 1 || name == "topology" || name == "cache";
    if (on_the_way && entry->is_symlink()) refuse_link(root, entry->path());
    const bool is_cpu = name.starts_with("cpu") && name.find_first_not_of("0123456789", 3) == name.npos;
    if (!on_the_way || (entry.depth() == 0 && !is_cpu)) entry.disable_recursion_pending();
  }
}

/// Newer versions of hwloc crash on a list that no kernel writes.
void require_cpu_list(const fs::path& root) {
  std::ifstream file(root / "sys/devices/system/cpu/online");
  std::string online;
  if (!std::getline(file, online) || online.empty() || CpuSet::parse(online)) return;
  throw Error(
      ErrorCode::Malformed, root,
      fmt::format("cannot read the CPUs below {}: saw {:?}, expected a list of CPUs", root.native(), online));
}

/// @returns nullptr when the root describes no CPUs.
Topology load(const std::string& root) {
  prepare_environment(root);
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) throw Error(ErrorCode::System, root, "cannot start hwloc");
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
  const auto set = CpuSet::parse(text);  // Both have the kernel's list form, "0-3,8".
  if (!set || set->empty())
    throw Error(ErrorCode::Malformed, "hwloc", fmt::format("cannot read the CPUs: saw \"{}\"", text));
  return *set;
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

Fact<CpuTopology> answer(const ReadCpuTopology& question) {
  std::error_code error;
  const fs::path root = fs::canonical(question.root, error);
  if (error || !fs::is_directory(root, error))
    throw Error(ErrorCode::NotFound, question.root,
                fmt::format("cannot read the CPUs below {}: expected a directory", question.root));
  if (root != "/") {
    require_no_links(root);
    require_cpu_list(root);
  }
  const Topology topology = load(root);
  return topology ? Fact<CpuTopology>(describe(topology.get())) : Absent{};
}

}  // namespace gpupass
