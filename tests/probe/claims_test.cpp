// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/claims.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/own/udev_rules.hpp"
#include "support/memory_system.hpp"

namespace gpupass::claims_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Claims, AreReadWhereTheyAreMade) {
  MemorySystem system;
  system.file("/etc/driverctl.d/pci-0000:65:00.0", "vfio-pci");
  system.file("/etc/driverctl.d/vmbus-1", "uio");
  system.file("/etc/modprobe.d/vfio.conf",
              "# mine\noptions vfio_pci ids=10de:2684,10de:22ba disable_vga=1\n");
  system.file("/etc/modprobe.d/vfio.conf.bak", "options vfio-pci ids=10de:9999\n");
  system.file("/proc/cmdline", "BOOT_IMAGE=/vmlinuz vfio-pci.ids=1002:73bf,1002:ab28 quiet");
  EXPECT_THAT(
      read_claims(system).value_or({}),
      ElementsAre(
          Claim{Claim::Owner::Driverctl, "/etc/driverctl.d/pci-0000:65:00.0", "0000:65:00.0", "vfio-pci"},
          Claim{Claim::Owner::Kernel, "/proc/cmdline", "1002:73bf", "vfio-pci"},
          Claim{Claim::Owner::Kernel, "/proc/cmdline", "1002:ab28", "vfio-pci"},
          Claim{Claim::Owner::Modprobe, "/etc/modprobe.d/vfio.conf", "10de:22ba", "vfio-pci"},
          Claim{Claim::Owner::Modprobe, "/etc/modprobe.d/vfio.conf", "10de:2684", "vfio-pci"}));
}

TEST(Claims, AreNotSeenWithinQuotesOfAnotherOption) {
  MemorySystem system;
  system.file("/proc/cmdline",
              "dyndbg=\"file drivers/vfio/* +p; vfio-pci.ids=10de:2684 \" vfio_pci.ids=1002:73bf");
  EXPECT_THAT(read_claims(system).value_or({}),
              ElementsAre(Claim{Claim::Owner::Kernel, "/proc/cmdline", "1002:73bf", "vfio-pci"}));
}

TEST(Claims, AreUnknownWhereAFileCannotBeRead) {
  MemorySystem system;
  system.file("/proc/cmdline", "vfio_pci.ids=1002:73bf");
  system.file("/etc/modprobe.d/vfio.conf", "").denied("/etc/modprobe.d/vfio.conf");
  EXPECT_THAT(read_claims(system).why(), testing::HasSubstr("Permission denied"));
}

TEST(Claims, AreNotSeenInOtherLines) {
  EXPECT_THAT(ids_of_modprobe("options nvidia ids=10de:2684"), IsEmpty());
  EXPECT_THAT(ids_of_modprobe("softdep nvidia pre: vfio-pci"), IsEmpty());
  EXPECT_THAT(ids_of_modprobe("options vfio-pci ids=,,"), IsEmpty());
  EXPECT_THAT(ids_of_option("vfio-pci.disable_vga=1").ids, IsEmpty());
}

TEST(Claims, AreOfPciStubToo) {
  EXPECT_EQ(ids_of_option("pci-stub.ids=10de:2684").driver, "pci-stub");
  EXPECT_EQ(ids_of_modprobe("options pci_stub ids=10de:2684").at(0).driver, "pci-stub");
}

TEST(Claims, AreReadAsTheKernelReadsThem) {
  const auto ids = ids_of_modprobe("options vfio-pci \\\n ids=\"10de:2684,\\\n10de:22ba\"\n");
  ASSERT_EQ(ids.size(), 1u);
  EXPECT_THAT(ids[0].ids, ElementsAre("10de:2684", "10de:22ba"));
}

TEST(Claims, AreInEveryFolderOfModprobe) {
  MemorySystem system;
  system.file("/proc/cmdline", "");
  system.file("/etc/modprobe.d/vfio.conf", "# hides the vendor's\n");
  system.file("/usr/lib/modprobe.d/vfio.conf", "options vfio-pci ids=10de:2684\n");
  system.file("/usr/lib/modprobe.d/other.conf", "options vfio-pci ids=10de:22ba\n");
  EXPECT_THAT(
      read_claims(system).value_or({}),
      ElementsAre(Claim{Claim::Owner::Modprobe, "/usr/lib/modprobe.d/other.conf", "10de:22ba", "vfio-pci"}));
}

TEST(Claims, AreRulesOfUdev) {
  const std::string path = "/etc/udev/rules.d/70-vfio.rules";
  MemorySystem system;
  system.file("/proc/cmdline", "");
  const std::string rules =
      "KERNEL==\"0000:03:00.0\", ATTR{driver_override}=\"vfio-pci\"\n"
      "ATTR{vendor}==\"0x1002\", ATTR{device}==\"0x731f\", ATTR{driver_override}=\"vfio-pci\"\n"
      "KERNEL==\"0000:04:00.0\", ATTR{power/control}=\"auto\"\n";
  system.file(path, rules);
  EXPECT_THAT(read_claims(system).value_or({}),
              ElementsAre(Claim{Claim::Owner::Udev, path, "0000:03:00.0", "vfio-pci"},
                          Claim{Claim::Owner::Udev, path, "1002:731f", "vfio-pci"}));
  system.file(path, override_lines(rules));
  EXPECT_EQ(read_claims(system).value_or({}).size(), 2u) << "as a capture keeps it";
}

TEST(Claims, AreOnUnraidsList) {
  MemorySystem system;
  system.file("/proc/cmdline", "")
      .file("/boot/config/vfio-pci.cfg", "BIND=0000:03:00.0|10de:2684 03:00.1 nonsense\n");
  const Claim claim{Claim::Owner::Unraid, "/boot/config/vfio-pci.cfg", "0000:03:00.0", "vfio-pci"};
  Claim other = claim;
  other.device = "0000:03:00.1";
  EXPECT_THAT(read_claims(system).value_or({}), ElementsAre(claim, other));
}

}  // namespace
}  // namespace gpupass::claims_test
