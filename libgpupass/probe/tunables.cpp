// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/tunables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "codec/own_records.hpp"
#include "probe/own/record.hpp"
#include "system/tunable.hpp"
#include "values/card.hpp"
#include "values/sysfs.hpp"
#include "values/tunables.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

/// Adds what is there and has a value that is understood.
void add(const System& system, std::vector<TunableState>& tunables, TunableState state) {
  const Fact<std::string> value = value_of(system, state.tunable);
  if (!value || !can_be(state.tunable, *value)) return;
  state.value = *value;
  tunables.push_back(std::move(state));
}

void add_governors(const System& system, std::vector<TunableState>& tunables) {
  const std::string folder = "/sys/devices/system/cpu/cpufreq";
  for (const std::string& policy : system.list(folder).value_or({})) {
    const auto read = [&](const char* name) {
      return system.read(fmt::format("{}/{}/{}", folder, policy, name)).value_or("");
    };
    const std::string affected = read("affected_cpus"), available = read("scaling_available_governors");
    const auto cpus = CpuSet::parse(fmt::format("{}", fmt::join(words_of(affected), ",")));
    const auto governors = words_of(available);
    if (!cpus || std::ranges::find(governors, "performance") == governors.end()) continue;
    const Tunable tunable{Tuning::Governor, policy};
    add(system, tunables, {tunable, "", *cpus});
  }
}

/// The kernel lists a function's message-signalled interrupts by number. Others may be shared with devices of
/// the host.
void add_interrupts(const System& system, const Host& host, std::vector<TunableState>& tunables) {
  for (const PciFunction& function : host.functions) {
    if (!on_vfio(function)) continue;
    for (const std::string& number : system.list(sysfs_path(function.address, "msi_irqs")).value_or({})) {
      const Tunable tunable{Tuning::Interrupts, number};
      add(system, tunables, {tunable, "", {}, function.address});
    }
  }
}

/// As the second version of control groups has it.
void add_services(const System& system, std::vector<TunableState>& tunables) {
  const std::string controllers = system.read("/sys/fs/cgroup/cgroup.controllers").value_or("");
  const auto words = words_of(controllers);
  if (std::ranges::find(words, "cpuset") == words.end()) return;
  for (const std::string_view unit : kServiceUnits) {
    const Tunable tunable{Tuning::Services, std::string(unit)};
    if (!system.list(fmt::format("/sys/fs/cgroup/{}", unit))) continue;
    add(system, tunables, {tunable, ""});
  }
}

}  // namespace

std::vector<TunableState> read_tunables(const System& system, const Host& host) {
  std::vector<TunableState> tunables;
  add_governors(system, tunables);
  add_interrupts(system, host, tunables);
  for (const Tunable& tunable : {Tunable{Tuning::Ksm, ""}, Tunable{Tuning::NumaBalancing, ""}})
    add(system, tunables, {tunable, ""});
  add_services(system, tunables);
  std::ranges::sort(tunables, {}, &TunableState::tunable);
  return tunables;
}

Fact<Tuned> read_tuned(const System& system, Limits& limits) {
  return read_record(system, kTunedFile, parse_tuned_file, "what is tuned", limits);
}

}  // namespace gpupass
