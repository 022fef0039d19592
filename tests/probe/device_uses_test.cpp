// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/device_uses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/host_builder.hpp"
#include "support/memory_system.hpp"

namespace gpupass::device_uses_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kNvme = "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0/";

void add_disk(MemorySystem& system, const std::string& name, const std::string& target,
              const std::string& number, const std::string& holder = {}) {
  const std::string folder = "/sys/class/block/" + name;
  system.symlink(folder, target);
  system.file(folder + "/dev", number);
  if (!holder.empty()) system.file(folder + "/holders/" + holder, "");
}

MemorySystem machine(const std::string& mountinfo, const std::string& swaps = {}) {
  MemorySystem system;
  system.file("/proc/self/mountinfo", mountinfo);
  system.file("/proc/swaps", "Filename Type Size Used Priority\n" + swaps);
  add_disk(system, "nvme0n1", std::string(kNvme) + "nvme0n1", "259:0");
  add_disk(system, "nvme0n1p2", std::string(kNvme) + "nvme0n1/nvme0n1p2", "259:2");
  add_disk(system, "dm-0", "../../devices/virtual/block/dm-0", "254:0");
  return system;
}

std::vector<DeviceUse> uses_of(const MemorySystem& system, const Host& host = {}) {
  Limits limits;
  return *read_device_uses(system, host, limits);
}

const DeviceUse kMounted{address("0000:01:00.0"), DeviceUse::Kind::Mounted, "nvme0n1p2"};

TEST(DeviceUses, FindsTheMountedPartition) {
  EXPECT_THAT(uses_of(machine("30 1 259:2 / / rw,relatime shared:1 - ext4 /dev/root rw\n")),
              ElementsAre(kMounted));
}

TEST(DeviceUses, FindsABtrfsByItsSource) {
  EXPECT_THAT(uses_of(machine("30 1 0:26 /@ / rw shared:1 - btrfs /dev/nvme0n1p2 rw\n")),
              ElementsAre(kMounted));
}

TEST(DeviceUses, FindsSwap) {
  EXPECT_THAT(uses_of(machine("", "/dev/nvme0n1p2 partition 1 0 -2\n")),
              ElementsAre(DeviceUse{address("0000:01:00.0"), DeviceUse::Kind::Swap, "nvme0n1p2"}));
}

TEST(DeviceUses, FindsWhatAVolumeIsBuiltOn) {
  MemorySystem system = machine("");
  add_disk(system, "nvme0n1p3", std::string(kNvme) + "nvme0n1/nvme0n1p3", "259:3", "dm-0");
  EXPECT_THAT(uses_of(system),
              ElementsAre(DeviceUse{address("0000:01:00.0"), DeviceUse::Kind::Stacked, "nvme0n1p3"}));
}

TEST(DeviceUses, FindsADriveOfSeveralPaths) {
  MemorySystem system = machine("30 1 259:9 / / rw - ext4 /dev/nvme1n1p2 rw\n");
  const std::string subsystem = "../../devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1";
  add_disk(system, "nvme1n1", subsystem, "259:7");
  add_disk(system, "nvme1n1p2", subsystem + "/nvme1n1p2", "259:9");
  for (const int controller : {4, 5}) {
    const std::string name = "nvme1c" + std::to_string(controller) + "n1";
    system.symlink("/sys/class/block/" + name, "../../devices/pci0000:00/0000:00:02.0/0000:0" +
                                                   std::to_string(controller) + ":00.0/nvme/nvme2/" + name);
  }
  EXPECT_THAT(uses_of(system),
              ElementsAre(DeviceUse{address("0000:04:00.0"), DeviceUse::Kind::Mounted, "nvme1n1p2"},
                          DeviceUse{address("0000:05:00.0"), DeviceUse::Kind::Mounted, "nvme1n1p2"}));
}

TEST(DeviceUses, FindsEveryDiskOfABtrfs) {
  MemorySystem system = machine("30 1 0:26 / / rw - btrfs /dev/sda rw\n");
  system.file("/sys/fs/btrfs/features/raid1c34", "0");
  system.file("/sys/fs/btrfs/c7a5fdbd-edaf-9455-926a-d65c16db1809/devices/nvme0n1p2", "");
  EXPECT_THAT(uses_of(system), ElementsAre(kMounted));
}

DeviceUse use_of(DeviceUse::Kind kind, const std::string& disk) {
  return {address("0000:01:00.0"), kind, disk};
}

/// The drive, with a driver of the host.
Host with_drive(const char* driver = "nvme") {
  return HostBuilder()
      .function("0000:01:00.0", 0x010802, driver)
      .with([](PciFunction& function) { function.driver_override = Absent{}; })
      .build();
}

TEST(DeviceUses, FindsTheDiskBelowALoop) {
  MemorySystem system = machine("");
  system.file("/sys/class/block/loop0/loop/backing_file", "/dev/nvme0n1p2")
      .file("/sys/class/block/loop1/loop/backing_file", "/var/lib/image");
  EXPECT_THAT(uses_of(system), ElementsAre(use_of(DeviceUse::Kind::Stacked, "nvme0n1p2")));
}

TEST(DeviceUses, FindsTheDiskThatIsExported) {
  const std::string spaces = "/sys/kernel/config/nvmet/subsystems/nqn.2014-08.org.example/namespaces";
  MemorySystem system = machine("");
  system.file(spaces + "/1/device_path", "/dev/nvme0n1\n").file(spaces + "/1/enable", "1\n");
  system.file(spaces + "/2/device_path", "/dev/nvme0n1p2\n").file(spaces + "/2/enable", "0\n");
  EXPECT_THAT(uses_of(system), ElementsAre(use_of(DeviceUse::Kind::Exported, "nvme0n1")));
}

TEST(DeviceUses, FindsTheRawDiskOfAGuest) {
  MemorySystem system = machine("");
  system.symlink("/dev/disk/by-id/nvme-eui.0123-part2", "../../nvme0n1p2");
  Host host;
  host.domains = std::vector<Domain>(2);
  host.domains->front().name = "guest1";
  host.domains->front().live_xml =
      "<domain><devices><disk type='block'><source dev='/dev/nvme0n1'/></disk></devices></domain>";
  host.domains->back().name = "guest2";
  host.domains->back().persistent_xml =
      "<domain><devices><disk type='block'><source dev='/dev/disk/by-id/nvme-eui.0123-part2'/></disk>"
      "<disk type='block'><source dev='/dev/vg0/system'/></disk></devices></domain>";
  const PciAddress drive = address("0000:01:00.0");
  EXPECT_THAT(uses_of(system, host),
              ElementsAre(DeviceUse{drive, DeviceUse::Kind::Guest, "nvme0n1", "guest1"},
                          DeviceUse{drive, DeviceUse::Kind::Guest, "nvme0n1p2", "guest2"}));
}

TEST(DeviceUses, FindsADiskThatSomebodyHasForHimself) {
  MemorySystem system = machine("");
  system.file("/dev.held/nvme0n1", "yes").file("/dev.held/nvme0n1p2", "no");
  EXPECT_THAT(uses_of(system, with_drive()), ElementsAre(use_of(DeviceUse::Kind::Held, "nvme0n1")));
  EXPECT_THAT(uses_of(system, with_drive("vfio-pci")), IsEmpty()) << "it is a guest's";
}

const char kZfs[] = "30 1 0:26 / / rw - zfs rpool/ROOT rw\n";

TEST(DeviceUses, AnyDiskMayBePartOfAPoolOfZfs) {
  const auto may_be_part =
      ElementsAre(use_of(DeviceUse::Kind::Zfs, "nvme0n1"), use_of(DeviceUse::Kind::Zfs, "nvme0n1p2"));
  EXPECT_THAT(uses_of(machine(kZfs), with_drive()), may_be_part);
  MemorySystem volumes = machine(""), unmounted = machine(""), without = machine("");
  add_disk(volumes, "zd0", "../../devices/virtual/block/zd0", "230:0");
  EXPECT_THAT(uses_of(volumes, with_drive()), may_be_part);
  unmounted.file("/proc/spl/kstat/zfs/arcstats", "").file("/proc/spl/kstat/zfs/tank/state", "ONLINE");
  EXPECT_THAT(uses_of(unmounted, with_drive()), may_be_part);
  without.file("/proc/spl/kstat/zfs/arcstats", "");
  EXPECT_THAT(uses_of(without, with_drive()), IsEmpty()) << "the module alone";
}

TEST(DeviceUses, ADiskThatNobodyHasIsNotPartOfAPool) {
  MemorySystem system = machine(kZfs);
  system.file("/dev.held/nvme0n1", "no").file("/dev.held/nvme0n1p2", "no");
  EXPECT_THAT(uses_of(system, with_drive()), IsEmpty());
}

TEST(DeviceUses, ACardMayHaveItsInterfaceInAContainer) {
  MemorySystem system = machine("");
  system.symlink("/sys/class/net/eth0", "../../devices/pci0000:00/0000:00:02.0/0000:02:00.0/net/eth0");
  system.file("/sys/class/net/eth0/flags", "0x1002");
  const Host host = HostBuilder()
                        .function("0000:02:00.0", 0x020000, "igb")
                        .function("0000:03:00.0", 0x020000, "ice")
                        .function("0000:04:00.0", 0x020000, "vfio-pci")
                        .function("0000:05:00.0", 0x020000)
                        .build();
  EXPECT_THAT(uses_of(system, host),
              ElementsAre(DeviceUse{address("0000:03:00.0"), DeviceUse::Kind::Unseen, "ice"}));
}

TEST(DeviceUses, FindsInterfacesThatAreUp) {
  MemorySystem system = machine("");
  const std::string nic = "../../devices/pci0000:00/0000:00:02.0/0000:02:00.0/net/";
  for (const auto& [name, flags] :
       {std::pair("eth0", "0x1003"), std::pair("eth1", "0x1002"), std::pair("eth2", "odd")}) {
    system.symlink(std::string("/sys/class/net/") + name, nic + name);
    system.file(std::string("/sys/class/net/") + name + "/flags", flags);
  }
  system.symlink("/sys/class/net/lo", "../../devices/virtual/net/lo");
  EXPECT_THAT(uses_of(system),
              ElementsAre(DeviceUse{address("0000:02:00.0"), DeviceUse::Kind::Network, "eth0"},
                          DeviceUse{address("0000:02:00.0"), DeviceUse::Kind::Network, "eth2"}))
      << "what cannot be read may be up";
}

TEST(DeviceUses, FindsNothingOnAnIdleMachine) {
  EXPECT_THAT(uses_of(machine("22 1 0:21 / /proc rw - proc proc rw\nodd line\n")), IsEmpty());
}

TEST(DeviceUses, AreUnknownWithoutMounts) {
  MemorySystem system;
  Limits limits;
  EXPECT_TRUE(read_device_uses(system, {}, limits).unknown());
}

}  // namespace
}  // namespace gpupass::device_uses_test
