// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/cpus.hpp"

#include <algorithm>

#include "probe/folder.hpp"

namespace gpupass {

namespace {

const Form<CpuSet> kCpuList{CpuSet::parse, "a list of CPUs"};

Fact<CpuTopology> read_topology(const System& system, Limits& limits) {
  const Fact<CpuTopology> topology = system.cpu_topology();
  if (topology.absent()) limits.add("CPUs", "unknown: this machine describes no CPU topology");
  if (topology.unknown()) limits.add("CPUs", "unknown: " + topology.why());
  return topology;
}

/// Those that are there and do not run. The kernel's own `offline` also counts those that may be added some
/// day.
CpuSet read_offline(const Folder& folder) {
  const Fact<CpuSet> present = folder.read("present", kCpuList);
  const Fact<CpuSet> online = folder.read("online", kCpuList);
  if (present && online) return *present - *online;
  return folder.read("offline", kCpuList).value_or({});
}

/// A feature that the CPUs of one architecture have, and no others.
struct Sign {
  std::string_view key;
  std::string_view feature;
  const char* architecture;
};
constexpr Sign kSigns[] = {{"flags", "lm", "x86_64"}, {"Features", "asimd", "aarch64"}};

/// Linux 6.1 and later name it; before, the features of the CPUs give it away. Never asked of the running
/// machine by a system call: what is read may be another machine.
Fact<std::string> read_architecture(const System& system, Limits& limits) {
  const Folder folder(system, limits, "/proc", "this machine");
  const Fact<std::string> named = folder.read("sys/kernel/arch", kWord);
  if (!named.absent()) return named;
  const std::string cpuinfo = folder.text("cpuinfo").value_or("");
  const auto words = words_of(cpu_features(cpuinfo));
  for (const Sign& sign : kSigns)
    if (!words.empty() && words.front() == sign.key && std::ranges::find(words, sign.feature) != words.end())
      return std::string(sign.architecture);
  limits.add("architecture", "neither /proc/sys/kernel/arch nor /proc/cpuinfo names it");
  return Unknown{"neither /proc/sys/kernel/arch nor /proc/cpuinfo names it"};
}

}  // namespace

void read_cpus(const System& system, Limits& limits, Host& host) {
  const Folder folder(system, limits, "/sys/devices/system/cpu", "CPUs");
  host.cpus = read_topology(system, limits);
  host.architecture = read_architecture(system, limits);
  host.offline_cpus = read_offline(folder);
  host.isolated_cpus = folder.read("isolated", kCpuList).value_or({});
}

std::string_view cpu_features(std::string_view cpuinfo) {
  for (const std::string_view line : lines_of(cpuinfo))
    for (const Sign& sign : kSigns)
      if (line.starts_with(sign.key)) return line;
  return {};
}

}  // namespace gpupass
