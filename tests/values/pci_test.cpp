// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/pci.hpp"

#include <gtest/gtest.h>

namespace gpupass::pci_test {
namespace {

TEST(PciAddress, ReadsTheSysfsForm) {
  EXPECT_EQ(PciAddress::parse("0000:65:00.0"), (PciAddress{0, 0x65, 0, 0}));
  EXPECT_EQ(PciAddress::parse("000c:FF:1f.7"), (PciAddress{12, 0xff, 31, 7}));
  EXPECT_EQ(PciAddress::parse("65:00.1"), (PciAddress{0, 0x65, 0, 1}));
}

TEST(PciAddress, ADomainMayBeWiderThan16Bits) {
  const auto vmd = PciAddress::parse("10000:e1:00.0");
  ASSERT_TRUE(vmd);
  EXPECT_EQ(vmd->domain, 0x10000U);
  EXPECT_EQ(vmd->to_string(), "10000:e1:00.0");
  EXPECT_EQ(PciAddress::parse("ffffffff:00:00.0")->domain, 0xffffffffU);
  EXPECT_EQ(PciAddress::parse("00000000:41:00.0"), PciAddress::parse("0000:41:00.0")) << "as NVML prints it";
}

TEST(PciAddress, ReadsBackWhatItPrints) {
  for (const PciAddress address :
       {PciAddress{}, {0x10000, 0xff, 31, 7}, {0xffffffff, 1, 2, 3}, {12, 0, 0, 0}})
    EXPECT_EQ(PciAddress::parse(address.to_string()), address);
}

TEST(PciAddress, ReadsTheNameOfALibvirtNodeDevice) {
  EXPECT_EQ(PciAddress::parse("pci_0000_65_00_1"), (PciAddress{0, 0x65, 0, 1}));
  EXPECT_EQ(PciAddress::parse("pci_10000_e1_1f_7"), (PciAddress{0x10000, 0xe1, 0x1f, 7}));
}

TEST(PciAddress, RefusesAnythingElse) {
  for (const auto* text : {"",
                           ":",
                           ".",
                           "65:00",
                           "65.0",
                           "0000:65:00",
                           "0000:65:00.",
                           "0000:65:00.8",
                           "0000:65:20.0",
                           "0000:165:00.0",
                           "0000:65:00.0 ",
                           " 0000:65:00.0",
                           "0000:65:00.00",
                           "0:65:00.0",
                           "000000000:65:00.0",
                           "100000000:65:00.0",
                           "0x00:65:00.0",
                           "0000:0x:00.0",
                           "-001:65:00.0",
                           "0000:65:00.-1",
                           "0000:65:0.0",
                           "0000:5:00.0",
                           "0000-65-00.0",
                           "0000:65:00:0",
                           "a:b:c:65:00.0",
                           "0000:65:00.0\n",
                           "g000:65:00.0",
                           "0000:65.00:0",
                           "pci_",
                           "pci_0000_65_00",
                           "pci_65_00",
                           "pci_0000_65_00_0_0",
                           "pci_0000_65_00_8",
                           "PCI_0000_65_00_0",
                           "0000_65_00_0"})
    EXPECT_FALSE(PciAddress::parse(text)) << '"' << text << '"';
}

TEST(PciAddress, IsOrderedByBusPosition) {
  EXPECT_LT(*PciAddress::parse("0000:ff:1f.7"), *PciAddress::parse("0001:00:00.0"));
  EXPECT_LT(*PciAddress::parse("0000:09:00.0"), *PciAddress::parse("0000:10:00.0"));
  EXPECT_LT(*PciAddress::parse("ffff:00:00.0"), *PciAddress::parse("10000:00:00.0"));
}

TEST(PciAddress, OneSlotHoldsTheFunctionsOfOneDevice) {
  EXPECT_TRUE(PciAddress::parse("65:00.0")->same_slot(*PciAddress::parse("65:00.1")));
  EXPECT_FALSE(PciAddress::parse("65:00.0")->same_slot(*PciAddress::parse("65:01.0")));
  EXPECT_FALSE(PciAddress::parse("65:00.0")->same_slot(*PciAddress::parse("0001:65:00.0")));
}

TEST(PciClass, DisplaysAndAcceleratorsAreGpus) {
  EXPECT_TRUE(is_gpu_class(0x030000)) << "VGA";
  EXPECT_TRUE(is_gpu_class(0x030200)) << "3D controller";
  EXPECT_TRUE(is_gpu_class(0x038000));
  EXPECT_TRUE(is_gpu_class(0x120000)) << "processing accelerator";
  EXPECT_FALSE(is_gpu_class(0x040300)) << "audio";
  EXPECT_FALSE(is_gpu_class(0x000300));
}

TEST(PciClass, OnlyPciBridgesAreBridges) {
  EXPECT_TRUE(is_bridge_class(0x060400));
  EXPECT_TRUE(is_bridge_class(0x060401)) << "subtractive decode";
  EXPECT_TRUE(is_bridge_class(0x060940)) << "semi-transparent";
  EXPECT_FALSE(is_bridge_class(0x060000)) << "host bridge";
  EXPECT_FALSE(is_bridge_class(0x060100)) << "ISA bridge";
}

}  // namespace
}  // namespace gpupass::pci_test
