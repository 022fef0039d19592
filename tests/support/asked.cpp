// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/asked.hpp"

namespace gpupass {

namespace {

template <typename T>
void ask(Fact<T>& fact, Fact<T> answer) {
  if (!fact.asked()) fact = std::move(answer);
}

template <typename T>
void find_nothing(Fact<std::vector<T>>& fact) {
  ask<std::vector<T>>(fact, std::vector<T>());
}

}  // namespace

void ask_the_rest(PciFunction& function) {
  const Unknown unread{"it was not read"};
  ask<std::uint16_t>(function.vendor, unread);
  ask<std::string>(function.driver, unread);
  ask<std::string>(function.driver_override, unread);
  ask<PciLink>(function.link, Absent{});
  ask<PciErrors>(function.errors, Absent{});
  ask<PciConfig>(function.config, unread);
  // Neither that it can be reset nor that it cannot.
  ask<std::vector<std::string>>(function.reset_methods, Absent{});
  ask<std::vector<std::string>>(function.mdev_types, Absent{});
  ask<Slicing>(function.slicing, Slicing{Absent{}, Absent{}, Absent{}, Absent{}});
  ask<Mig>(function.mig, Absent{});
}

void ask_the_rest(Host& host) {
  for (PciFunction& function : host.functions) ask_the_rest(function);
  find_nothing(host.groups);
  ask<Iommu>(host.iommu, Iommu{{"dmar0"}, {"DMAR"}, true, {}});
  ask<CpuTopology>(host.cpus, Absent{});
  ask<CpuSet>(host.offline_cpus, CpuSet());
  ask<CpuSet>(host.isolated_cpus, CpuSet());
  ask<std::vector<NumaNode>>(host.numa_nodes, Absent{});
  find_nothing(host.domains);
  find_nothing(host.holders);
  find_nothing(host.users);
  ask<std::string>(host.own_session, Absent{});
  find_nothing(host.uses);
  ask<std::vector<Keyboard>>(host.keyboards, Absent{});
  find_nothing(host.claims);
  find_nothing(host.homes);
  find_nothing(host.boot_bindings);
  ask<Settings>(host.settings, Absent{});
  find_nothing(host.quarantine);
  find_nothing(host.own_files);
  find_nothing(host.tunables);
  ask<Tuned>(host.tuned, Absent{});
  ask<BootImages>(host.boot_images, Absent{});
  ask<Platform>(host.platform, Platform{});
  find_nothing(host.wedged);
}

}  // namespace gpupass
