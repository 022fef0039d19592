// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "apply/machine.hpp"
#include "codec/own_records.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/probe.hpp"
#include "guest/edit/hostdev.hpp"
#include "values/sysfs.hpp"
#include "values/tunables.hpp"

namespace gpupass {

inline const Tunable kKsm{Tuning::Ksm, ""}, kBalancing{Tuning::NumaBalancing, ""},
    kPolicy0{Tuning::Governor, "policy0"}, kPolicy2{Tuning::Governor, "policy2"},
    kInterrupt40{Tuning::Interrupts, "40"}, kInterrupt42{Tuning::Interrupts, "42"},
    kSystem{Tuning::Services, "system.slice"}, kUser{Tuning::Services, "user.slice"};

inline Host look_at_tunables(const System& system) {
  return probe(system, {needs(Verb::Tune), {}});
}

/// Four CPUs on two nodes, each two with a governor of their own, and two GPUs that guests have, with
/// interrupts. One slice of systemd is kept to CPUs by the user already. All is declared to be tuned.
inline std::unique_ptr<FakeKernel> tunable_host(std::vector<Tuning> tune = {
                                                    Tuning::Governor, Tuning::Interrupts, Tuning::Ksm,
                                                    Tuning::NumaBalancing, Tuning::Services}) {
  const auto add = [](MemorySystem& machine) {
    machine.topology(CpuTopology{{0, 1, 2, 3}, {}, {}, {}});
    machine.file("/sys/devices/system/node/node0/cpulist", "0-1");
    machine.file("/sys/devices/system/node/node1/cpulist", "2-3");
    for (const auto& [policy, cpus] : {std::pair("policy0", "0 1"), std::pair("policy2", "2 3")}) {
      const std::string folder = fmt::format("/sys/devices/system/cpu/cpufreq/{}/", policy);
      machine.file(folder + "affected_cpus", cpus);
      machine.file(folder + "scaling_available_governors", "performance powersave ");
      machine.file(folder + "scaling_governor", "powersave");
    }
    machine.file(path_of(kKsm), "1").file(path_of(kBalancing), "1");
    machine.file("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory");
    for (const std::string_view unit : kServiceUnits) machine.folder(fmt::format("/sys/fs/cgroup/{}", unit));
    machine.file(path_of(kUser), "0,2");
    for (const auto& [number, device] :
         {std::pair("40", kGpu), std::pair("41", kGpu), std::pair("42", kBareGpu)}) {
      machine.file(sysfs_path(device, fmt::format("msi_irqs/{}", number)), "msix");
      machine.file(path_of({Tuning::Interrupts, number}), "0-3");
    }
    machine.file(sysfs_path(kGpu, "numa_node"), "0").file(sysfs_path(kBareGpu, "numa_node"), "1");
  };
  auto kernel = machine_with({{.address = "0000:65:00.0", .driver = "vfio-pci", .group = 12},
                              {.address = "0000:b3:00.0", .driver = "vfio-pci", .group = 13}},
                             add);
  const SetOwnFile declared{std::string(kSettingsFile),
                            to_settings_file(Settings{{}, {}, {}, {}, std::move(tune)})};
  apply(*kernel,
        Plan{{}, {{"declare", "", declared, SetOwnFile{std::string(kSettingsFile), std::nullopt}}}, {}});
  return kernel;
}

/// A guest with this GPU, whose vCPUs run on these CPUs.
inline std::string tuned_guest(const std::string& name, PciAddress gpu, const std::string& cpus) {
  return fmt::format(
      "<domain type='kvm'><name>{}</name><vcpu cpuset='{}'>1</vcpu><devices>{}</devices></domain>", name,
      cpus, hostdev_xml(gpu));
}

}  // namespace gpupass
