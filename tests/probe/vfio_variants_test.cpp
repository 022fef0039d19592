// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/pci/vfio_variants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_system.hpp"

namespace gpupass::vfio_variants_test {
namespace {

constexpr const char* kKernel = "/proc/sys/kernel/osrelease";
constexpr const char* kAliases = "/lib/modules/7.2.13/modules.alias";

PciFunction function_with(std::uint16_t vendor, std::uint16_t device) {
  PciFunction function;
  function.vendor = vendor;
  function.device = device;
  function.subsystem_vendor = std::uint16_t{0x10de};
  function.subsystem_device = std::uint16_t{0x16c1};
  function.class_code = std::uint32_t{0x030200};
  return function;
}

Fact<std::string> driver_with(const MemorySystem& machine, const PciFunction& function) {
  return VfioVariants(machine).driver_for(function);
}

MemorySystem machine_with(const std::string& aliases) {
  return MemorySystem().file(kKernel, "7.2.13\n").file(kAliases, aliases);
}

const PciFunction kGrace = function_with(0x10de, 0x2342);

TEST(VfioVariants, AreThoseThatTheKernelsAliasesName) {
  const auto machine = machine_with(
      "alias pci:v000010DEd00002342sv*sd*bc*sc*i* nouveau\n"
      "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"
      "alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n");
  EXPECT_EQ(driver_with(machine, kGrace), Fact<std::string>("nvgrace_gpu_vfio_pci"));
  EXPECT_TRUE(driver_with(machine, function_with(0x10de, 0x2330)).absent()) << "vfio-pci takes all";
  EXPECT_TRUE(driver_with(MemorySystem(), kGrace).absent());
}

TEST(VfioVariants, TheAliasThatSaysMostIsTheBest) {
  const auto machine = machine_with(
      "alias vfio_pci:v000010DEd00002342sv000010DEsd000016C1bc*sc*i* one_card_vfio_pci\n"
      "alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n"
      "alias vfio_pci:v000010DEd*sv*sd*bc*sc*i* all_vfio_pci\n");
  EXPECT_EQ(driver_with(machine, kGrace), Fact<std::string>("one_card_vfio_pci"));
  PciFunction other = kGrace;
  other.subsystem_device = std::uint16_t{1};
  EXPECT_EQ(driver_with(machine, other), Fact<std::string>("nvgrace_gpu_vfio_pci"));
  EXPECT_EQ(driver_with(machine, function_with(0x10de, 0x2330)), Fact<std::string>("all_vfio_pci"));
}

TEST(VfioVariants, TheModuleAndItsDriverMayHaveDifferentNames) {
  auto machine = machine_with("alias vfio_pci:v00008086d0000E20Bsv*sd*bc*sc*i* xe_vfio_pci\n");
  PciFunction arc = function_with(0x8086, 0xe20b);
  EXPECT_TRUE(driver_with(machine, arc).absent()) << "for the whole card it does what vfio-pci does";
  arc.physical_function = PciAddress();
  EXPECT_EQ(driver_with(machine, arc), Fact<std::string>("xe-vfio-pci"));
  machine.symlink("/sys/module/xe_vfio_pci/drivers/pci:xe-of-tomorrow", "../../../bus/pci/drivers/x");
  EXPECT_EQ(driver_with(machine, arc), Fact<std::string>("xe-of-tomorrow")) << "a loaded one tells";
}

TEST(VfioVariants, ACaptureKeepsTheirAliasesAlone) {
  EXPECT_EQ(vfio_alias_lines("# Aliases\nalias pci:v1 one\nalias vfio_pci:v2 two\n"),
            "alias vfio_pci:v2 two");
  EXPECT_TRUE(is_modules_alias(kAliases));
  EXPECT_FALSE(is_modules_alias("/lib/modules/7.2.13/modules.dep"));
}

}  // namespace
}  // namespace gpupass::vfio_variants_test
