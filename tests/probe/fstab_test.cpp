// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/fstab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_system.hpp"

namespace gpupass::fstab_test {
namespace {

using testing::ElementsAre;

constexpr auto kFstab =
    "# <file system> <mount point>\n"
    "UUID=0a1b-2c3d / ext4 defaults 0 1\n"
    "PARTLABEL=\"scratch\" /scratch xfs noauto 0 0\n"
    "/dev/sdb1 none swap sw 0 0\n"
    "/dev/disk/by-id/nvme-a /data ext4 defaults 0 2\n"
    "LABEL=gone /gone ext4 defaults 0 2\n"
    "server:/export /srv nfs defaults 0 0\n"
    "\n";

TEST(Fstab, NamesNodesInManyWays) {
  EXPECT_THAT(nodes_of_fstab(kFstab),
              ElementsAre("/dev/disk/by-uuid/0a1b-2c3d", "/dev/disk/by-partlabel/scratch", "/dev/sdb1",
                          "/dev/disk/by-id/nvme-a", "/dev/disk/by-label/gone"));
}

TEST(Fstab, IsResolvedToTheKernelsNames) {
  MemorySystem system;
  system.file("/etc/fstab", kFstab);
  system.symlink("/dev/disk/by-uuid/0a1b-2c3d", "../../nvme0n1p2");
  system.symlink("/dev/disk/by-partlabel/scratch", "../../nvme1n1p1");
  system.symlink("/dev/disk/by-id/nvme-a", "../../nvme2n1");
  EXPECT_THAT(disks_of_fstab(system), ElementsAre("nvme0n1p2", "nvme1n1p1", "nvme2n1", "sdb1"));
}

}  // namespace
}  // namespace gpupass::fstab_test
