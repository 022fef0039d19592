// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "gpupass/names.hpp"
#include "support/temp_tree.hpp"

namespace gpupass::pci_names_test {
namespace {

const char* const kDatabase =
    "# A comment\n"
    "10DE  NVIDIA Corporation  \r\n"
    "\t2330  GH100 [H100 SXM5 80GB]\n"
    "\t\t10de 16c1  A subsystem\n"
    "# Another comment\n"
    "\n"
    "\t20b0  GA100 [A100 SXM4 40GB]\n"
    "1002\tAdvanced Micro Devices, Inc. [AMD/ATI]\n"
    "\t74a1  Aqua Vanjaram\n"
    "zzzz  damaged\n"
    "12\n"
    "8086\n"
    "C 03  Display controller\n"
    "\t00  VGA compatible controller\n"
    "1b36  The last line has no end";

TEST(PciNames, AreThoseOfVendorAndDevice) {
  TempTree tree;
  tree.file("/pci.ids", kDatabase);
  const NameLookup names = pci_names(tree.path("/pci.ids"));
  EXPECT_EQ(names(0x10de, 0x2330), (PciNames{"NVIDIA Corporation", "GH100 [H100 SXM5 80GB]"}));
  EXPECT_EQ(names(0x10de, 0x20b0), (PciNames{"NVIDIA Corporation", "GA100 [A100 SXM4 40GB]"}));
  EXPECT_EQ(names(0x1002, 0x74a1), (PciNames{"Advanced Micro Devices, Inc. [AMD/ATI]", "Aqua Vanjaram"}));
  EXPECT_EQ(names(0x1b36, 0x0001), (PciNames{"The last line has no end", ""}));
}

TEST(PciNames, AreEmptyForWhatTheDatabaseHasNot) {
  TempTree tree;
  tree.file("/pci.ids", kDatabase);
  const NameLookup names = pci_names(tree.path("/pci.ids"));
  EXPECT_EQ(names(0x10de, 0x74a1), (PciNames{"NVIDIA Corporation", ""})) << "another vendor's device";
  EXPECT_EQ(names(0x10de, 0x16c1), (PciNames{"NVIDIA Corporation", ""})) << "a subsystem";
  EXPECT_EQ(names(0x8086, 0), PciNames());
  EXPECT_EQ(names(0x0012, 0), PciNames());
  EXPECT_EQ(names(0x000c, 0), PciNames()) << "a class";
}

TEST(PciNames, AreEmptyWithoutADatabase) {
  TempTree tree;
  tree.file("/empty", "");
  tree.folder("/folder");
  for (const char* name : {"/empty", "/folder", "/none"})
    EXPECT_EQ(pci_names(tree.path(name))(0x10de, 0x2330), PciNames()) << name;
}

TEST(PciNames, OfThisMachine) {
  EXPECT_EQ(pci_names()(0x8086, 0).vendor, "Intel Corporation");
}

}  // namespace
}  // namespace gpupass::pci_names_test
