// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/mount_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpupass::mount_table_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

MountEntry only_entry(const char* text) {
  const auto entries = read_mount_table(text);
  EXPECT_THAT(entries, SizeIs(1)) << text;
  return entries.empty() ? MountEntry{} : entries.front();
}

TEST(MountTable, ReadsAMountOfADisk) {
  const MountEntry entry = only_entry(
      "30 1 259:2 / /srv/a\\040b rw,relatime shared:1 master:2 - ext4 /dev/disk/by-label/a\\040b rw\n");
  EXPECT_EQ(entry.number, "259:2");
  EXPECT_THAT(entry.nodes, ElementsAre("/dev/disk/by-label/a b"));
  EXPECT_EQ(entry.type, "ext4");
}

TEST(MountTable, ReadsEveryDiskOfAMount) {
  EXPECT_THAT(only_entry("30 1 0:40 / /a rw - bcachefs /dev/sda2:/dev/sdb1 rw\n").nodes,
              ElementsAre("/dev/sda2", "/dev/sdb1"));
  EXPECT_THAT(
      only_entry("30 1 8:2 / /a rw - xfs /dev/sda2 rw,logdev=/dev/sdb1,rtdev=/dev/sdc,noquota\n").nodes,
      ElementsAre("/dev/sda2", "/dev/sdb1", "/dev/sdc"));
  EXPECT_THAT(only_entry("30 1 8:2 / /a rw - ext4 /dev/sda2 rw,journal_path=/dev/sdb1\n").nodes,
              ElementsAre("/dev/sda2", "/dev/sdb1"));
  EXPECT_THAT(only_entry("30 1 0:40 / /a rw - nfs4 server:/dev/export rw\n").nodes, IsEmpty());
}

TEST(MountTable, HasNoNumberOfAFileSystemWithoutADisk) {
  EXPECT_EQ(only_entry("22 1 0:21 / /proc rw - proc proc rw\n").number, "");
}

TEST(MountTable, NeverAsksTheRunningMachineForItsRoot) {
  const MountEntry entry = only_entry("30 1 259:2 / / rw shared:1 - ext4 /dev/root rw\n");
  EXPECT_THAT(entry.nodes, ElementsAre("/dev/root"));
  EXPECT_EQ(entry.number, "259:2");
}

TEST(MountTable, ReadsTagsWithAndWithoutQuotes) {
  EXPECT_EQ(only_entry("LABEL=\"a\\040b\" /a ext4 defaults 0 0\n").value, "a b");
  EXPECT_EQ(only_entry("UUID=0a1b-2c3d /a ext4\n").tag, "UUID");
}

TEST(MountTable, ReadsSwapsWithTheKernelsHeading) {
  EXPECT_THAT(only_entry("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
                         "/dev/sda\\040b                             partition\t1\t\t0\t\t-2\n")
                  .nodes,
              ElementsAre("/dev/sda b"));
}

TEST(MountTable, ReadsTheShortLinesOfOlderCaptures) {
  EXPECT_THAT(only_entry("0 0 259:2 - any /dev/nvme0n1p2").nodes, ElementsAre("/dev/nvme0n1p2"));
  EXPECT_EQ(only_entry("0 0 259:2 - any none").number, "259:2");
  EXPECT_EQ(only_entry("0 0 0:0 - zfs none").type, "zfs");
  EXPECT_THAT(only_entry("/dev/sda1").nodes, ElementsAre("/dev/sda1"));
}

TEST(MountTable, GoesOnBehindALineOfAnotherForm) {
  EXPECT_THAT(only_entry("1 2 3\n30 1 259:2 / / rw - ext4 /dev/sda1 rw\n").nodes, ElementsAre("/dev/sda1"));
  EXPECT_THAT(read_mount_table(""), IsEmpty());
  EXPECT_THAT(read_mount_table("\n# nothing\n"), IsEmpty());
}

}  // namespace
}  // namespace gpupass::mount_table_test
