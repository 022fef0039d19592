// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Written by hand: hwloc takes ten times as long for it, reads only what its environment names, and would be
// in each program that links this library. The tests compare every captured machine with what hwloc says.
#include "system/cpu_topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "system/files/errno_text.hpp"
#include "values/cpu_map.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kFolder = "/sys/devices/system/cpu";

/// Documentation/ABI/stable/sysfs-devices-system-cpu of Linux. A set of CPUs is read of its lowest CPU only.
class CpuReader {
 public:
  explicit CpuReader(const Files& files) : files_(files) {}

  Fact<CpuTopology> read();

 private:
  CpuSet named() const;
  Fact<CpuSet> online() const;
  /// Its first line: old kernels of POWER end the maps of caches with two.
  std::string text(unsigned cpu, std::string_view attribute) const {
    const std::string content = files_.read(fmt::format("{}/cpu{}/{}", kFolder, cpu, attribute)).value_or("");
    return content.substr(0, content.find('\n'));
  }
  template <typename Number>
  std::optional<Number> number(unsigned cpu, std::string_view attribute) const {
    return parse_number<Number>(text(cpu, attribute));
  }
  std::optional<CpuSet> set(unsigned cpu, std::string_view map) const;
  void read_cores(const CpuSet& candidates);
  void read_packages();
  void read_caches();
  std::optional<Cache> last_cache(unsigned cpu) const;

  const Files& files_;
  CpuTopology topology_;
};

/// The CPUs that have folders: cpu0, but not cpuidle.
CpuSet CpuReader::named() const {
  std::string list;
  for (const std::string& name : files_.list(kFolder).value_or({}))
    if (name.size() > 3 && name.starts_with("cpu") && CpuSet::parse(name.substr(3)))
      list += (list.empty() ? "" : ",") + name.substr(3);
  return CpuSet::parse(list).value_or(CpuSet());
}

/// Kernels before 2.6.21 have no list, and a file for each CPU that can be taken out.
Fact<CpuSet> CpuReader::online() const {
  const CpuSet all = named();
  const std::string list = files_.read(fmt::format("{}/online", kFolder)).value_or("");
  if (!list.empty()) {
    if (const auto cpus = CpuSet::parse(list)) return *cpus & all;
    return unknown_path(fmt::format("{}/online", kFolder),
                        fmt::format("saw {:.40?}, expected a list of CPUs", list));
  }
  CpuSet cpus;
  for (const unsigned cpu : all)
    if (text(cpu, "online") != "0") cpus.insert(cpu);
  return cpus;
}

/// Those that share something with a CPU, by the kernel's map: some captures have no list, or a wrong one. A
/// set without the CPU itself, as the empty ones of Itanium's caches, is of that CPU alone.
std::optional<CpuSet> CpuReader::set(unsigned cpu, std::string_view map) const {
  auto cpus = parse_cpu_map(text(cpu, map));
  if (cpus && !cpus->contains(cpu)) cpus = CpuSet{cpu};
  return cpus;
}

/// And which of the candidates there are: the kernel tells nothing of a CPU that is going away.
void CpuReader::read_cores(const CpuSet& candidates) {
  CpuSet seen;
  for (const unsigned cpu : candidates) {
    if (seen.contains(cpu)) continue;
    auto core = set(cpu, "topology/thread_siblings");
    if (!core && files_.list(fmt::format("{}/cpu{}/topology", kFolder, cpu)).absent()) continue;
    topology_.cpus.insert(cpu);
    if (!core) continue;
    *core = (*core & candidates) - seen;
    seen |= *core;
    topology_.cpus |= *core;
    topology_.cores.push_back({*core});
  }
}

/// A package without a number has none that a placement could name.
void CpuReader::read_packages() {
  CpuSet seen;
  for (const unsigned cpu : topology_.cpus) {
    if (seen.contains(cpu)) continue;
    const auto package = set(cpu, "topology/core_siblings");
    if (!package) continue;
    const CpuSet cpus = (*package & topology_.cpus) - seen;
    seen |= cpus;
    if (const auto id = number<unsigned>(cpu, "topology/physical_package_id"))
      topology_.packages.push_back({*id, cpus});
  }
}

/// Of the highest level that holds data: on hybrid processors that differs between CPUs.
std::optional<Cache> CpuReader::last_cache(unsigned cpu) const {
  Cache last;
  std::string folder;
  for (const std::string& name : files_.list(fmt::format("{}/cpu{}/cache", kFolder, cpu)).value_or({})) {
    const std::string index = fmt::format("cache/{}/", name);
    const auto level = number<unsigned>(cpu, index + "level");
    if (!level || *level <= last.level || text(cpu, index + "type") == "Instruction") continue;
    last.level = *level;
    folder = index;
  }
  if (folder.empty()) return std::nullopt;
  const std::string size = text(cpu, folder + "size");  // "32768K"
  const auto kib = parse_number<std::uint64_t>(std::string_view(size).substr(0, size.find('K')));
  last.size_bytes = kib.value_or(0) * 1024;
  last.cpus = set(cpu, folder + "shared_cpu_map").value_or(CpuSet{cpu});
  return last;
}

void CpuReader::read_caches() {
  CpuSet seen;
  for (const unsigned cpu : topology_.cpus) {
    if (seen.contains(cpu)) continue;
    auto cache = last_cache(cpu);
    if (!cache) continue;
    cache->cpus = (cache->cpus & topology_.cpus) - seen;
    seen |= cache->cpus;
    topology_.last_level_caches.push_back(std::move(*cache));
  }
}

Fact<CpuTopology> CpuReader::read() {
  const Fact<CpuSet> candidates = online();
  if (!candidates) return candidates.without_value<CpuTopology>();
  read_cores(*candidates);
  if (topology_.cpus.empty()) return Absent{};
  read_packages();
  read_caches();
  return std::move(topology_);
}

}  // namespace

Fact<CpuTopology> cpu_topology(const Files& files) {
  return CpuReader(files).read();
}

}  // namespace gpupass
