// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "gpupass/probe.hpp"
#include "support/memory_system.hpp"

namespace gpupass::platform_test {
namespace {

constexpr const char* kGpu = "/sys/bus/pci/devices/0000:02:00.0/";

Host look(const MemorySystem& machine) {
  return probe(machine, {.parts = {.health = true}, .named = {}});
}

TEST(Platform, IsNotToldByAMachineWithoutTheseFiles) {
  const Platform platform = *look(machine_with_gpu()).platform;
  EXPECT_TRUE(platform.kvm.absent());
  EXPECT_TRUE(platform.cpu_virtualization.absent());
  EXPECT_TRUE(platform.vfio_pci.absent());
  EXPECT_TRUE(platform.lockdown.absent());
  EXPECT_FALSE(probe(machine_with_gpu(), {}).platform.asked());
}

TEST(Platform, IsReadFromTheKernelsFiles) {
  MemorySystem machine = machine_with_gpu();
  machine.file("/proc/cpuinfo", "flags\t\t: fpu lm vmx hypervisor\n")
      .folder("/sys/class/misc/kvm")
      .file("/sys/kernel/security/lockdown", "none [integrity] confidentiality");
  const Platform platform = *look(machine).platform;
  EXPECT_EQ(platform.kvm, Fact<bool>(true));
  EXPECT_EQ(platform.vfio_container, Fact<bool>(false));
  EXPECT_EQ(platform.iommufd, Fact<bool>(false));
  EXPECT_EQ(platform.cpu_virtualization, Fact<bool>(true));
  EXPECT_EQ(platform.virtual_machine, Fact<bool>(true));
  EXPECT_EQ(platform.lockdown, Fact<std::string>(std::string("integrity")));
}

TEST(Platform, HasVfioPciLoadedOrAsAModule) {
  MemorySystem machine = machine_with_gpu();
  machine.file("/proc/sys/kernel/osrelease", "6.1.0-9-cloud-amd64")
      .folder("/lib/modules/6.1.0-9-cloud-amd64");
  EXPECT_EQ(look(machine).platform->vfio_pci, Fact<bool>(false));
  machine.file("/lib/modules/6.1.0-9-cloud-amd64/kernel/drivers/vfio/pci/vfio-pci.ko.xz", "");
  EXPECT_EQ(look(machine).platform->vfio_pci, Fact<bool>(true));
  MemorySystem loaded = machine_with_gpu();
  loaded.folder("/sys/bus/pci/drivers/vfio-pci");
  EXPECT_EQ(look(loaded).platform->vfio_pci, Fact<bool>(true));
}

TEST(PciErrors, AreTheTotalsOfTheGpuAndOfTheBridgesAboveIt) {
  MemorySystem machine = machine_with_gpu();
  const auto count = [&](const std::string& folder, const char* correctable) {
    machine
        .file(folder + "aer_dev_correctable", std::string("RxErr 2\nBadTLP 0\nTOTAL_ERR_COR ") + correctable)
        .file(folder + "aer_dev_nonfatal", "DLP 0\nTOTAL_ERR_NONFATAL 0")
        .file(folder + "aer_dev_fatal", "DLP 1\nTOTAL_ERR_FATAL 1");
  };
  count(kGpu, "2");
  count("/sys/bus/pci/devices/0000:00:01.0/", "18446744073709551615");
  const Host host = look(machine);
  EXPECT_EQ(*find_function(host, *PciAddress::parse("02:00.0"))->errors, (PciErrors{2, 0, 1}));
  EXPECT_EQ(find_function(host, *PciAddress::parse("00:01.0"))->errors->correctable, UINT64_MAX);
  EXPECT_FALSE(find_function(host, *PciAddress::parse("02:00.1"))->errors.asked());
}

TEST(PciErrors, AreUnknownWhereTheTextIsNot) {
  MemorySystem machine = machine_with_gpu();
  machine.file(std::string(kGpu) + "aer_dev_correctable", "nothing")
      .file(std::string(kGpu) + "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0")
      .file(std::string(kGpu) + "aer_dev_fatal", "TOTAL_ERR_FATAL 0");
  EXPECT_TRUE(find_function(look(machine), *PciAddress::parse("02:00.0"))->errors.unknown());
  EXPECT_TRUE(find_function(look(machine_with_gpu()), *PciAddress::parse("02:00.0"))->errors.absent());
}

}  // namespace
}  // namespace gpupass::platform_test
