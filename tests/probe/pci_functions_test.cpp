// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/probe.hpp"
#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass::pci_functions_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kDevices = "/sys/bus/pci/devices/";
const std::string kGpu = kDevices + "0000:02:00.0/";

Parts everything() {
  return Parts::everything();
}

Parts for_list() {
  Parts parts;
  parts.links = true;
  parts.domains = true;
  return parts;
}

PciFunction probed(const MemorySystem& machine, std::string_view at, const Parts& parts = everything()) {
  const Host host = probe(machine, {parts, {}});
  const PciFunction* function = find_function(host, address(at));
  return function ? *function : PciFunction{};
}

std::vector<std::string> limits_of(const MemorySystem& machine, const Parts& parts = everything()) {
  std::vector<std::string> texts;
  for (const Limit& limit : probe(machine, {parts, {}}).limits)
    texts.push_back(limit.what + ": " + limit.why);
  return texts;
}

TEST(ProbeFunctions, ReadsWhatSysfsSaysOfAGpu) {
  const PciFunction gpu = probed(machine_with_gpu(), "02:00.0", for_list());
  EXPECT_EQ(gpu.class_code, Fact<std::uint32_t>(0x030000));
  EXPECT_EQ(gpu.vendor, Fact<std::uint16_t>(0x10de));
  EXPECT_EQ(gpu.device, Fact<std::uint16_t>(0x2330));
  EXPECT_EQ(gpu.driver, Fact<std::string>("nvidia"));
  EXPECT_EQ(gpu.iommu_group, Fact<std::uint32_t>(7));
  EXPECT_EQ(gpu.numa_node, Fact<int>(1));
  EXPECT_EQ(gpu.parent, Fact<PciAddress>(address("00:01.0")));
  EXPECT_EQ(gpu.root_bus, Fact<std::string>("pci0000:00"));
  EXPECT_EQ(gpu.link, (Fact<PciLink>(PciLink{2.5, 8, 16, 16})));
  EXPECT_EQ(gpu.boot_vga, Fact<bool>(false));
  EXPECT_TRUE(gpu.physical_function.absent());
  EXPECT_TRUE(gpu.sriov.absent());
}

TEST(ProbeFunctions, KnowsEveryFunctionButReadsOnlyWhatIsNearAGpu) {
  const MemorySystem machine = machine_with_gpu();
  const Host host = probe(machine, {for_list(), {}});
  EXPECT_EQ(host.functions.size(), 4u);
  for (const char* far : {"0000:00:03.0/vendor", "0000:00:03.0/driver", "0000:00:03.0/iommu_group"})
    EXPECT_FALSE(machine.asked().contains(kDevices + far)) << far;
  for (const char* costly : {"config", "driver_override", "power_state"})
    EXPECT_FALSE(machine.asked().contains(kGpu + costly)) << costly;
  EXPECT_FALSE(machine.asked().contains(kDevices + "0000:00:01.0/numa_node"))
      << "the GPU's own node is known";
  EXPECT_TRUE(machine.asked().contains(kDevices + "0000:02:00.1/vendor"))
      << "whose making a function is tells whether it is of the card";
  EXPECT_FALSE(machine.asked().contains(kDevices + "0000:02:00.1/numa_node"))
      << "a list does not look closer at companions";
}

TEST(ProbeFunctions, ReadsAFunctionThatTheUserNamesLikeAGpu) {
  const Host host = probe(machine_with_gpu(), {for_list(), {address("00:03.0")}});
  EXPECT_EQ(find_function(host, address("00:03.0"))->driver, Fact<std::string>("i40e"));
  EXPECT_NE(find_group(host, 0), nullptr);
}

TEST(ProbeFunctions, ReadsEveryFunctionWhenAsked) {
  Parts parts;
  parts.all_functions = true;
  const PciFunction card = probed(machine_with_gpu(), "00:03.0", parts);
  EXPECT_EQ(card.driver, Fact<std::string>("i40e"));
  EXPECT_EQ(card.iommu_group, Fact<std::uint32_t>(0));
  EXPECT_TRUE(card.parent.absent());
}

TEST(ProbeFunctions, KnowsWhatHangsWhereWhenIsolationIsAsked) {
  Parts parts;
  parts.config = true;
  const PciFunction card = probed(machine_with_gpu(), "00:03.0", parts);
  EXPECT_TRUE(card.parent.absent());
  EXPECT_FALSE(card.vendor.asked());
}

TEST(ProbeFunctions, TakesGroupZeroForAGroup) {
  auto machine = machine_with_gpu();
  machine.symlink(kGpu + "iommu_group", "../../../kernel/iommu_groups/0");
  EXPECT_EQ(probed(machine, "02:00.0").iommu_group, Fact<std::uint32_t>(0));
}

TEST(ProbeFunctions, DoesNotKnowTheGroupBehindADanglingLink) {
  auto machine = machine_with_gpu();
  machine.symlink(kGpu + "iommu_group", "../../../kernel/iommu_groups/99");
  const auto group = probed(machine, "02:00.0").iommu_group;
  EXPECT_EQ(group.why(), kGpu + "iommu_group: leads to /sys/kernel/iommu_groups/99, which does not exist");
  EXPECT_THAT(limits_of(machine),
              Contains("iommu_group of 0000:02:00.0: leads to a group that does not exist"));
}

TEST(ProbeFunctions, SaysOnceThatThereIsNoIommu) {
  MemorySystem machine;
  for (const char* at : {"0000:01:00.0", "0000:02:00.0", "0000:03:00.0"})
    machine.file(kDevices + at + "/class", "0x030200\n");
  machine.folder("/sys/kernel/iommu_groups");
  const auto limits = limits_of(machine, for_list());
  EXPECT_EQ(
      std::ranges::count_if(limits, [](const std::string& limit) { return limit.starts_with("IOMMU"); }), 1);
  EXPECT_THAT(limits, Contains("IOMMU groups: /sys/kernel/iommu_groups: is empty"));
  EXPECT_TRUE(probed(machine, "01:00.0").iommu_group.absent());
}

TEST(ProbeFunctions, AsksTheNearestBridgeForANodeThatTheGpuDoesNotKnow) {
  auto machine = machine_with_gpu();
  machine.file(kGpu + "numa_node", "-1\n");
  const Host host = probe(machine, {for_list(), {}});
  const PciFunction* gpu = find_function(host, address("02:00.0"));
  EXPECT_TRUE(gpu->numa_node.absent());
  EXPECT_EQ(nearest_numa_node(host, *gpu), Fact<int>(1));
}

TEST(ProbeFunctions, KeepsMembersOfTheGroupWithTheirDrivers) {
  const Host host = probe(machine_with_gpu(), {for_list(), {}});
  ASSERT_EQ(host.groups.value_or({}).size(), 1u);
  EXPECT_EQ(host.groups->front().members,
            (std::vector<PciAddress>{address("00:01.0"), address("02:00.0"), address("02:00.1")}));
  EXPECT_EQ(find_function(host, address("00:01.0"))->driver, Fact<std::string>("pcieport"));
  EXPECT_EQ(find_function(host, address("00:01.0"))->iommu_group, Fact<std::uint32_t>(7));
}

TEST(ProbeFunctions, ReadsAnOverrideThatIsNotSetAsAbsent) {
  EXPECT_TRUE(probed(machine_with_gpu(), "02:00.0").driver_override.absent());
  auto machine = machine_with_gpu();
  machine.file(kGpu + "driver_override", "\n");
  EXPECT_TRUE(probed(machine, "02:00.0").driver_override.absent());
  machine.file(kGpu + "driver_override", "vfio-pci\n");
  EXPECT_EQ(probed(machine, "02:00.0").driver_override, Fact<std::string>("vfio-pci"));
}

TEST(ProbeFunctions, KnowsABootDisplayOfAnyClass) {
  auto machine = machine_with_gpu();
  machine.file(kGpu + "boot_vga", "0\n").file(kGpu + "drm/card0/boot_display", "1\n");
  EXPECT_EQ(probed(machine, "02:00.0").boot_vga, Fact<bool>(true));
  machine.file(kGpu + "class", "0x038000\n");
  EXPECT_EQ(probed(machine, "02:00.0").boot_vga, Fact<bool>(true));
}

TEST(ProbeFunctions, DoesNotAsk3dControllersForTheBootDisplay) {
  auto machine = machine_with_gpu();
  machine.file(kGpu + "class", "0x030200\n");
  EXPECT_TRUE(probed(machine, "02:00.0").boot_vga.absent());
  EXPECT_FALSE(machine.asked().contains(kGpu + "boot_vga"));
}

TEST(ProbeFunctions, TellsVirtualFunctionsFromPhysicalOnes) {
  auto machine = machine_with_gpu();
  machine.file(kGpu + "sriov_totalvfs", "4\n")
      .file(kGpu + "sriov_numvfs", "1\n")
      .symlink(kGpu + "virtfn0", "../0000:02:00.4")
      .symlink(kDevices + "0000:02:00.4", "../../../devices/pci0000:00/0000:00:01.0/0000:02:00.4")
      .symlink(kDevices + "0000:02:00.4/physfn", "../0000:02:00.0")
      .file(kDevices + "0000:02:00.4/class", "0x030200\n");
  EXPECT_EQ(probed(machine, "02:00.0").sriov, (Fact<Sriov>(Sriov{4, 1})));
  EXPECT_EQ(probed(machine, "02:00.0").virtual_functions,
            (Fact<std::vector<PciAddress>>(std::vector{address("02:00.4")})));
  EXPECT_EQ(probed(machine, "02:00.4").physical_function, Fact<PciAddress>(address("02:00.0")));
}

TEST(ProbeFunctions, ReadsTheBarsThatHaveASize) {
  auto machine = machine_with_gpu();
  const std::string none = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";
  machine.file(kGpu + "resource",
               "0x00000000942c0000 0x00000000942fffff 0x0000000000040200\n"
               "0x0000000000000000 0x00000003ffffffff 0x000000002014220c\n" +
                   none + "0x0000000000003000 0x000000000000307f 0x0000000000040101\n" + none + none + none +
                   none);
  const auto bars = probed(machine, "02:00.0").bars;
  ASSERT_TRUE(bars);
  ASSERT_EQ(bars->size(), 3u);
  EXPECT_EQ((*bars)[0], (Bar{0, 0x942c0000, 0x40000, true, false, false}));
  EXPECT_EQ((*bars)[1], (Bar{1, 0, 0x400000000, true, true, true})) << "not assigned by the firmware";
  EXPECT_EQ((*bars)[2], (Bar{3, 0x3000, 0x80, false, false, false}));
}

TEST(ProbeFunctions, ReadsTheUuidOfNvidiasDriver) {
  auto machine = machine_with_gpu();
  const std::string path = "/proc/driver/nvidia/gpus/0000:02:00.0/information";
  machine.file(path, "Model: \t\t NVIDIA H100\nGPU UUID: \t GPU-01234567-89ab-cdef-0123-456789abcdef\n");
  EXPECT_EQ(probed(machine, "02:00.0").uuid, Fact<std::string>("GPU-01234567-89ab-cdef-0123-456789abcdef"));
  machine.file(path,
               "GPU UUID: \t GPU-\?\?\?\?\?\?\?\?-\?\?\?\?-\?\?\?\?-\?\?\?\?-\?\?\?\?\?\?\?\?\?\?\?\?\n");
  EXPECT_TRUE(probed(machine, "02:00.0").uuid.unknown());
}

TEST(ProbeFunctions, ReadsTheUniqueIdOfAmdsDriver) {
  auto machine = machine_with_gpu();
  machine.symlink(kGpu + "driver", "../../../../bus/pci/drivers/amdgpu")
      .file(kGpu + "unique_id", "1a2b3c4d5e6f7081\n");
  EXPECT_EQ(probed(machine, "02:00.0").uuid, Fact<std::string>("1a2b3c4d5e6f7081"));
  machine.file(kGpu + "unique_id", "../../etc/passwd\n");
  EXPECT_TRUE(probed(machine, "02:00.0").uuid.unknown());
  auto before_vega = machine_with_gpu();
  before_vega.symlink(kGpu + "driver", "../../../../bus/pci/drivers/amdgpu");
  EXPECT_TRUE(probed(before_vega, "02:00.0").uuid.absent());
}

TEST(ProbeFunctions, RestoresTheLastByteOfAConfigThatReadsAsANewline) {
  auto machine = machine_with_gpu();
  std::string config(64, '\0');
  config[4] = 6;
  config[63] = '\n';
  machine.file(kGpu + "config", config);
  EXPECT_TRUE(probed(machine, "02:00.0").config.known());
}

TEST(ProbeFunctions, DoesNotBelieveABridgeWithTheHeaderOfAnEndpoint) {
  auto machine = machine_with_gpu();
  std::string config(256, '\0');
  config[4] = 6;
  machine.file(kDevices + "0000:00:01.0/config", config);
  EXPECT_TRUE(probed(machine, "00:01.0").config.unknown());
}

TEST(ProbeFunctions, DoesNotKnowALinkThatATreeLacksUnlessConfigSaysConventionalPci) {
  MemorySystem machine;
  machine.file(kGpu + "class", "0x030200\n");
  EXPECT_TRUE(probed(machine, "02:00.0").link.unknown());
  std::string config(256, '\0');
  config[4] = 6;
  machine.file(kGpu + "config", config);
  EXPECT_TRUE(probed(machine, "02:00.0").link.absent());
}

TEST(ProbeFunctions, TakesTheKernelsWordsForUnknownWidthAndSpeedAsZero) {
  auto machine = machine_with_gpu();
  machine.file(kGpu + "current_link_speed", "Unknown\n").file(kGpu + "current_link_width", "63\n");
  machine.file(kGpu + "max_link_width", "255\n");
  EXPECT_EQ(probed(machine, "02:00.0").link, (Fact<PciLink>(PciLink{0, 0, 16, 0})));
}

TEST(ProbeFunctions, SkipsNamesThatAreNoAddresses) {
  auto machine = machine_with_gpu();
  machine.file(kDevices + "garbage\x1b/class", "0x030000\n").file(kDevices + "00:1f.0/class", "0x030000\n");
  const Host host = probe(machine, {for_list(), {}});
  EXPECT_EQ(host.functions.size(), 4u);
  EXPECT_THAT(limits_of(machine), Contains(HasSubstr(R"(saw "garbage\x1b", expected a PCI address)")));
}

TEST(ProbeFunctions, GivesNoLimitForAHealthyMachineThatIsOnlyListed) {
  auto machine = machine_with_gpu();
  machine.guests(std::vector<DomainXml>{});
  std::string rows;
  for (int row = 0; row < 7; ++row) rows += "0x0 0x0 0x0\n";
  machine.file(kGpu + "resource", rows).file(kGpu + "reset_method", "flr bus\n");
  for (const char* name : {"max_link_speed", "max_link_width", "current_link_speed", "current_link_width"})
    machine.file(kDevices + "0000:00:01.0/" + name,
                 std::string(name).ends_with("speed") ? "8.0 GT/s PCIe\n" : "16\n");
  EXPECT_THAT(limits_of(machine, for_list()), IsEmpty());
}

TEST(ProbeFunctions, SurvivesAMachineWithNothingInIt) {
  const Host host = probe(MemorySystem(), {everything(), {}});
  EXPECT_TRUE(host.functions.empty());
  EXPECT_THAT(host.limits, Not(IsEmpty()));
}

}  // namespace
}  // namespace gpupass::pci_functions_test
