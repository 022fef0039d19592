// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/mount_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpupass {
namespace {

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
  EXPECT_EQ(entry.source, "/dev/disk/by-label/a b");
  EXPECT_EQ(entry.type, "ext4");
}

TEST(MountTable, HasNoNumberOfAFileSystemWithoutADisk) {
  EXPECT_EQ(only_entry("22 1 0:21 / /proc rw - proc proc rw\n").number, "");
}

TEST(MountTable, NeverAsksTheRunningMachineForItsRoot) {
  const MountEntry entry = only_entry("30 1 259:2 / / rw shared:1 - ext4 /dev/root rw\n");
  EXPECT_EQ(entry.source, "none");
  EXPECT_EQ(entry.number, "259:2");
}

TEST(MountTable, ReadsTagsWithAndWithoutQuotes) {
  EXPECT_EQ(only_entry("LABEL=\"a\\040b\" /a ext4 defaults 0 0\n").value, "a b");
  EXPECT_EQ(only_entry("UUID=0a1b-2c3d /a ext4\n").tag, "UUID");
}

TEST(MountTable, ReadsSwapsWithTheKernelsHeading) {
  EXPECT_EQ(only_entry("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
                       "/dev/sda\\040b                             partition\t1\t\t0\t\t-2\n")
                .source,
            "/dev/sda b");
}

TEST(MountTable, ReadsTheShortLinesOfOlderCaptures) {
  EXPECT_EQ(only_entry("0 0 259:2 - any /dev/nvme0n1p2").source, "/dev/nvme0n1p2");
  EXPECT_EQ(only_entry("0 0 259:2 - any none").number, "259:2");
  EXPECT_EQ(only_entry("0 0 0:0 - zfs none").type, "zfs");
  EXPECT_EQ(only_entry("/dev/sda1").source, "/dev/sda1");
}

TEST(MountTable, GoesOnBehindALineOfAnotherForm) {
  EXPECT_EQ(only_entry("1 2 3\n30 1 259:2 / / rw - ext4 /dev/sda1 rw\n").source, "/dev/sda1");
  EXPECT_THAT(read_mount_table(""), IsEmpty());
  EXPECT_THAT(read_mount_table("\n# nothing\n"), IsEmpty());
}

}  // namespace
}  // namespace gpupass
