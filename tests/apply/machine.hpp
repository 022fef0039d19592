// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/boot_hooks.hpp"
#include "support/fake_kernel.hpp"
#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass {

/// What a test says of one function.
struct Function {
  const char* address;
  std::uint32_t class_code = 0x030200;
  std::string driver = {};
  int group = -1;  ///< Negative: none.
  unsigned total_vfs = 0;
  unsigned vfs = 0;
  const char* virtual_of = nullptr;  ///< Its physical function. It is there when that has as many.
};

inline constexpr const char* kKernels[] = {"6.1.0-17-amd64", "6.1.0-18-amd64"};

/// A fake kernel with these functions and no others.
inline std::unique_ptr<FakeKernel> machine_with(
    const std::vector<Function>& functions, const std::function<void(MemorySystem&)>& add = [](auto&) {}) {
  auto machine = std::make_shared<MemorySystem>();
  add(*machine);
  std::map<std::string, unsigned> made;  // Virtual functions, by their physical one.
  for (const Function& function : functions) {
    const std::string folder = fmt::format("/sys/bus/pci/devices/{}/", function.address);
    machine->file(folder + "class", fmt::format("{:#08x}", function.class_code));
    machine->file(folder + "vendor", "0x10de");
    machine->file(folder + "device", "0x20b0");
    machine->file(folder + "d3cold_allowed", "1");
    machine->file(folder + "subsystem_vendor", "0x10de").file(folder + "subsystem_device", "0x145f");
    if (!function.driver.empty())
      machine->symlink(folder + "driver", "../../../../bus/pci/drivers/" + function.driver);
    if (function.group >= 0) {
      const std::string group = fmt::format("kernel/iommu_groups/{}", function.group);
      machine->symlink(folder + "iommu_group", "../../../" + group);
      machine->symlink(fmt::format("/sys/{}/devices/{}", group, function.address), "");
    }
    if (function.total_vfs > 0) {
      machine->file(folder + "sriov_totalvfs", fmt::to_string(function.total_vfs));
      machine->file(folder + "sriov_numvfs", fmt::to_string(function.vfs));
      machine->file(folder + "sriov_drivers_autoprobe", "1");
    }
    if (function.virtual_of) {
      const std::string parent = fmt::format("/sys/bus/pci/devices/{}/", function.virtual_of);
      machine->symlink(folder + "physfn", fmt::format("../{}", function.virtual_of));
      machine->symlink(fmt::format("{}virtfn{}", parent, made[function.virtual_of]++),
                       fmt::format("../{}", function.address));
    }
  }
  for (const char* node : {"node0", "node1"}) {
    const std::string folder = fmt::format("/sys/devices/system/node/{}/", node);
    machine->file(folder + "meminfo",
                  fmt::format("Node {0} MemTotal: 1048576 kB\nNode {0} MemFree: 524288 kB\n", node[4]));
    machine->file(folder + "hugepages/hugepages-2048kB/nr_hugepages", "4");
    machine->file(folder + "hugepages/hugepages-2048kB/free_hugepages", "3");
  }
  // It boots from one of two images, by initramfs-tools with gpupass's hook.
  for (const char* kernel : kKernels) machine->folder(fmt::format("/lib/modules/{}", kernel));
  add_boot_hooks(machine->file("/usr/share/initramfs-tools/hook-functions", ""));
  auto fake = std::make_unique<FakeKernel>(machine);
  for (const char* kernel : kKernels) fake->add_boot_image(kernel);
  return fake;
}

/// A GPU with its audio function below a root port, and one more GPU that no driver knows.
inline std::unique_ptr<FakeKernel> workstation() {
  return machine_with(
      {{.address = "0000:00:01.0", .class_code = 0x060400, .driver = "pcieport", .group = 1},
       {.address = "0000:65:00.0", .driver = "nvidia", .group = 12},
       {.address = "0000:65:00.1", .class_code = 0x040300, .driver = "snd_hda_intel", .group = 12},
       {.address = "0000:b3:00.0", .class_code = 0x030200, .group = 13}});
}

inline const PciAddress kGpu = address("0000:65:00.0");
inline const PciAddress kAudio = address("0000:65:00.1");
inline const PciAddress kBareGpu = address("0000:b3:00.0");
inline const PciAddress kPort = address("0000:00:01.0");

}  // namespace gpupass
