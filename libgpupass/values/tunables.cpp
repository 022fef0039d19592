// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/tunables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "values/number.hpp"

namespace gpupass {

namespace {

bool is_number(std::string_view text) {
  return parse_number<unsigned>(text).has_value();
}

/// "performance", "ondemand".
bool is_governor(std::string_view text) {
  return !text.empty() && text.size() < 16 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == text.npos;
}

bool is_cpu_list(std::string_view text) {
  return CpuSet::parse(text).has_value();
}

}  // namespace

std::string path_of(const Tunable& tunable) {
  switch (tunable.kind) {
    case Tuning::Governor:
      return fmt::format("/sys/devices/system/cpu/cpufreq/{}/scaling_governor", tunable.name);
    case Tuning::Interrupts:
      return fmt::format("/proc/irq/{}/smp_affinity_list", tunable.name);
    case Tuning::Ksm:
      return "/sys/kernel/mm/ksm/run";
    case Tuning::NumaBalancing:
      return "/proc/sys/kernel/numa_balancing";
    case Tuning::Services:
      return fmt::format("/sys/fs/cgroup/{}/cpuset.cpus", tunable.name);
  }
  return "";
}

std::string allowed_cpus(const std::string& set, const std::string& online) {
  const auto cpus = CpuSet::parse(set), all = CpuSet::parse(online);
  return cpus && all && !all->empty() && cpus->contains(*all) ? "" : set;
}

std::string name_of(const Tunable& tunable) {
  switch (tunable.kind) {
    case Tuning::Governor:
      return "the governor of " + tunable.name;
    case Tuning::Interrupts:
      return fmt::format("the CPUs of interrupt {}", tunable.name);
    case Tuning::Ksm:
      return "the merging of equal pages";
    case Tuning::NumaBalancing:
      return "automatic NUMA balancing";
    case Tuning::Services:
      return "the CPUs of " + tunable.name;
  }
  return "";
}

bool can_be(const Tunable& tunable, std::string_view value) {
  constexpr std::string_view kPolicy = "policy";
  const std::string_view name = tunable.name;
  switch (tunable.kind) {
    case Tuning::Governor:
      return name.starts_with(kPolicy) && is_number(name.substr(kPolicy.size())) && is_governor(value);
    case Tuning::Interrupts:
      return is_number(name) && is_cpu_list(value) && !value.empty();
    case Tuning::Ksm:
    case Tuning::NumaBalancing:
      return name.empty() && is_number(value);
    case Tuning::Services:
      return std::ranges::find(kServiceUnits, name) != std::end(kServiceUnits) && is_cpu_list(value);
  }
  return false;
}

}  // namespace gpupass
