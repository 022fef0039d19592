// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gpupass/capture.hpp"
#include "gpupass/probe.hpp"
#include "support/host_builder.hpp"
#include "support/memory_system.hpp"
#include "support/shared_hosts.hpp"

namespace gpupass::slicing_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kUuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";
const std::string kGpu = "/sys/bus/pci/devices/0000:02:00.0/";
const std::string kType = kGpu + "mdev_supported_types/nvidia-474/";

Slicing slicing_of(const MemorySystem& machine) {
  const Host host = probe(machine, {needs(Verb::Slices), {}});
  return find_function(host, address("02:00.0"))->slicing.value_or({});
}

/// The GPU as a virtual function of NVIDIA's VFIO driver.
MemorySystem vgpu_machine(const std::string& creatable) {
  MemorySystem machine = machine_with_gpu();
  machine.symlink(kGpu + "physfn", "../0000:00:01.0")
      .file(kGpu + "nvidia/creatable_vgpu_types", creatable)
      .file(kGpu + "nvidia/current_vgpu_type", "0\n");
  return machine;
}

Fact<std::vector<VgpuType>> creatable(const std::string& text) {
  return slicing_of(vgpu_machine(text)).creatable_vgpus;
}

TEST(ProbeSlicing, IsNotReadWhereItIsNotAskedFor) {
  const Host host = probe(machine_with_gpu(), {needs(Verb::List), {}});
  EXPECT_FALSE(find_function(host, address("02:00.0"))->slicing.asked());
}

TEST(ProbeSlicing, AGpuThatCannotBeCutSaysSo) {
  const Slicing slicing = slicing_of(machine_with_gpu());
  EXPECT_TRUE(slicing.drivers_autoprobe.absent());
  EXPECT_TRUE(slicing.sriov_admin.absent());
  EXPECT_TRUE(slicing.mediated_types.absent());
  EXPECT_TRUE(slicing.creatable_vgpus.absent());
}

/// A GPU with one mediated device.
MemorySystem mediated_machine() {
  MemorySystem machine = machine_with_gpu();
  machine.file(kType + "name", "GRID A100-4C\n")
      .file(kType + "description", "num_heads=1, framebuffer=4096M\nmax_instance=10\n")
      .file(kType + "device_api", "vfio-pci\n")
      .file(kType + "available_instances", "9\n")
      .symlink(kType + "devices/" + kUuid, "../../../" + std::string(kUuid));
  return machine;
}

TEST(ProbeSlicing, ReadsTypesOfMediatedDevicesAndThoseThatExist) {
  const MediatedType type{"nvidia-474",
                          std::string("GRID A100-4C"),
                          std::string("num_heads=1, framebuffer=4096M, max_instance=10"),
                          std::string("vfio-pci"),
                          9u,
                          std::vector<std::string>{kUuid}};
  EXPECT_EQ(slicing_of(mediated_machine()).mediated_types, (Fact<std::vector<MediatedType>>({type})));
}

TEST(ProbeSlicing, ACaptureHasAStandInForAMediatedDevice) {
  const MemorySystem machine = mediated_machine();
  const Capture captured = capture(machine);
  EXPECT_THAT(captured.text, Not(HasSubstr(kUuid)));
  const ProbeOptions all{Parts::everything(), {}};
  const Host again = probe(*open_capture(captured.text, "a.host"), all);
  const Host scrubbed = scrub(probe(machine, all), captured.pseudonyms);
  ASSERT_TRUE(find_function(again, address("02:00.0"))->slicing->mediated_types);
  EXPECT_EQ(find_function(again, address("02:00.0"))->slicing,
            find_function(scrubbed, address("02:00.0"))->slicing);
}

/// What a process opens is a node of the device, by its group or by itself.
TEST(ProbeSlicing, AProcessThatHasAMediatedDeviceOpenIsAHolderOfIt) {
  MemorySystem machine = mediated_machine();
  const std::string folder = "/sys/bus/mdev/devices/" + std::string(kUuid);
  machine.symlink(folder + "/iommu_group", "../../../../kernel/iommu_groups/99")
      .folder(folder + "/vfio-dev/vfio3")
      .symlink("/proc/10/fd/3", "/dev/vfio/99")
      .file("/proc/10/maps", "")
      .file("/proc/10/comm", "qemu\n")
      .symlink("/proc/11/fd/4", "/dev/vfio/devices/vfio3")
      .file("/proc/11/maps", "")
      .file("/proc/11/comm", "crosvm\n")
      .symlink("/proc/12/fd/4", "/dev/vfio/98")
      .file("/proc/12/maps", "")
      .file("/proc/12/comm", "qemu\n");
  EXPECT_EQ(
      probe(machine, {needs(Verb::Slices), {}}).holders,
      (Fact(std::vector<Holder>{{98, 12, "qemu", ""}, {99, 10, "qemu", kUuid}, {99, 11, "crosvm", kUuid}})));
}

TEST(ProbeSlicing, ReadsWhatMdevctlKeeps) {
  const auto kept = [](const MemorySystem& machine) {
    return probe(machine, {needs(Verb::Slice), {}}).mediated_definitions;
  };
  EXPECT_TRUE(kept(machine_with_gpu()).absent());
  const std::string folder = "/etc/mdevctl.d/0000:02:00.0/", other = "2d3a3c14-34f5-44b5-9c3e-2d4e8d60a1b5";
  MemorySystem machine = machine_with_gpu();
  machine.folder("/etc/mdevctl.d/scripts.d/callouts")
      .file("/etc/mdevctl.d/matrix/" + other, "{}")
      .file(folder + kUuid,
            R"({"mdev_type": "nvidia-474", "start": "auto", "attrs": [{"nvidia/vgpu_params": "a"}]})")
      .file(folder + other, R"({"mdev_type": "nvidia-475"})");
  EXPECT_EQ(kept(machine),
            (Fact(std::vector<MediatedDefinition>{{address("02:00.0"), other, "nvidia-475", false, false},
                                                  {address("02:00.0"), kUuid, "nvidia-474", true, true}})));
  for (const char* text : {"", "[]", "{}", R"({"mdev_type": "../x"})", R"({"mdev_type": 4})"}) {
    MemorySystem damaged = machine;
    EXPECT_TRUE(kept(damaged.file(folder + other, text)).unknown()) << text;
  }
}

/// A driver gives a name if it likes. The number of instances it must give.
TEST(ProbeSlicing, WhatATypeLacksIsAbsentOrUnknown) {
  MemorySystem machine = machine_with_gpu();
  machine.file(kType + "available_instances", "many\n").folder(kType + "devices");
  const auto types = slicing_of(machine).mediated_types;
  ASSERT_TRUE(types && types->size() == 1);
  EXPECT_TRUE(types->front().name.absent());
  EXPECT_THAT(types->front().available.why(), HasSubstr("saw \"many\", expected a number"));
  EXPECT_THAT(*types->front().devices, IsEmpty());
}

TEST(ProbeSlicing, ReadsTheSwitchForNewVirtualFunctions) {
  MemorySystem machine = machine_with_gpu();
  machine.file(kGpu + "sriov_totalvfs", "7\n")
      .file(kGpu + "sriov_numvfs", "0\n")
      .file(kGpu + "sriov_drivers_autoprobe", "1\n")
      .folder(kGpu + "sriov_admin/pf");
  EXPECT_EQ(slicing_of(machine).drivers_autoprobe, Fact<bool>(true));
  EXPECT_EQ(slicing_of(machine).sriov_admin, Fact<bool>(true));
}

/// A header alone is legitimate: nothing can be made now. Some versions print no header.
TEST(ProbeSlicing, ReadsWhatNvidiaWouldMake) {
  EXPECT_EQ(creatable("ID    : vGPU Name\n1145  : NVIDIA L40S-1B\n"),
            (Fact<std::vector<VgpuType>>({{1145, "NVIDIA L40S-1B"}})));
  EXPECT_EQ(creatable("2164  : NVIDIA L40S-3B\n1145  : NVIDIA L40S-1B\n"),
            (Fact<std::vector<VgpuType>>({{1145, "NVIDIA L40S-1B"}, {2164, "NVIDIA L40S-3B"}})));
  EXPECT_EQ(creatable("ID    : vGPU Name\n"), (Fact<std::vector<VgpuType>>(std::vector<VgpuType>())));
  EXPECT_EQ(creatable(""), (Fact<std::vector<VgpuType>>(std::vector<VgpuType>())));
  EXPECT_THAT(creatable("out of order\n").why(), HasSubstr("expected lines with an id, a colon and a name"));
}

std::string content_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// As found on a host with an L40S.
TEST(ProbeSlicing, ReadsACapturedListOfTypes) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const std::filesystem::path root = unpacked("nvidia-vgpu-sysfs/harvester-vgpu.tar.xz");
  const auto types =
      creatable(content_of(root / "sys/bus/pci/devices/0000:26:00.4/nvidia/creatable_vgpu_types"));
  ASSERT_TRUE(types);
  EXPECT_EQ(types->size(), 23u);
  EXPECT_EQ(types->front(), (VgpuType{1145, "NVIDIA L40S-1B"}));
  EXPECT_EQ(types->back(), (VgpuType{2164, "NVIDIA L40S-3B"}));
}

/// As found on a host with an A2: its configuration space reads ffff:ffff, and sysfs has the ids.
TEST(ProbeSlicing, ReadsACapturedVirtualFunctionWithMediatedTypes) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const std::filesystem::path captured =
      std::filesystem::path(unpacked("nvidia-vgpu-sysfs/harvester-vgpu.tar.xz")) /
      "sys/class/mdev_bus/0000:08:01.7";
  MemorySystem machine = machine_with_gpu();
  const std::string folder = "/sys/bus/pci/devices/0000:08:01.7/";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(captured))
    if (entry.is_regular_file())
      machine.file(folder + std::filesystem::relative(entry, captured).string(), content_of(entry));
  machine.symlink("/sys/bus/pci/devices/0000:08:01.7",
                  "../../../devices/pci0000:00/0000:00:01.0/0000:08:01.7");
  machine.symlink(folder + "physfn", "../0000:02:00.0");
  const Host host = probe(machine, {needs(Verb::Slices), {}});
  const PciFunction& function = *find_function(host, address("08:01.7"));
  EXPECT_EQ(function.vendor, Fact<std::uint16_t>(0x10de));
  EXPECT_EQ(function.device, Fact<std::uint16_t>(0x25b6));
  ASSERT_TRUE(function.slicing && function.slicing->mediated_types);
  EXPECT_EQ(function.slicing->mediated_types->size(), 15u);
  EXPECT_EQ(function.slicing->mediated_types->front().name, Fact<std::string>("NVIDIA A2-1B"));
  EXPECT_EQ(function.slicing->mediated_types->front().available, Fact<unsigned>(0u));
}

}  // namespace
}  // namespace gpupass::slicing_test
