// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guard/guards.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"

namespace gpupass::guards_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const PciAddress kGpu = address("0000:65:00.0");

/// "id verdict" of each finding; each must be documented, about the GPU, and say something.
std::vector<std::string> ids(const Host& host, PciAddress gpu = kGpu) {
  const auto documented = finding_ids();
  std::vector<std::string> result;
  for (const Finding& finding : guards(host, gpu)) {
    EXPECT_TRUE(std::ranges::find(documented, finding.id, &FindingId::id) != documented.end()) << finding.id;
    EXPECT_EQ(finding.subject, gpu.to_string());
    EXPECT_FALSE(finding.message.empty());
    EXPECT_TRUE(finding.verdict == Verdict::Fail || finding.verdict == Verdict::Unknown);
    result.push_back(finding.id + (finding.verdict == Verdict::Unknown ? "?" : ""));
  }
  return result;
}

std::string message(const Host& host) {
  const auto findings = guards(host, kGpu);
  return findings.empty() ? "" : findings.front().message;
}

TEST(Guards, LetAGpuWithItsAudioFunctionGo) {
  EXPECT_THAT(ids(one_card().build()), IsEmpty());
}

TEST(Guards, KeepTheBootDisplay) {
  EXPECT_THAT(ids(one_card().build(), address("03:00.0")), ElementsAre("gpu.boot-display"));
}

TEST(Guards, KeepTheOnlyDisplay) {
  const Host host = HostBuilder().vga("0000:65:00.0").gpu("0000:41:00.0").group(5, {"0000:65:00.0"}).build();
  EXPECT_THAT(ids(host), ElementsAre("gpu.only-display"));
}

TEST(Guards, ADisplayOnVfioIsLostToTheHost) {
  const Host host = HostBuilder()
                        .vga("0000:41:00.0", "vfio-pci")
                        .vga("0000:65:00.0")
                        .group(4, {"0000:41:00.0"})
                        .group(5, {"0000:65:00.0"})
                        .build();
  EXPECT_THAT(ids(host), ElementsAre("gpu.only-display"));
}

TEST(Guards, TheHeadlessServersOnlyGpuDrivesNoConsole) {
  EXPECT_THAT(ids(HostBuilder().gpu("0000:65:00.0").group(5, {"0000:65:00.0"}).build()), IsEmpty());
}

TEST(Guards, ASecondaryDisplayMayGoWhenThePrimaryStays) {
  const Host host = HostBuilder()
                        .vga("0000:00:01.0", "")
                        .with([](PciFunction& f) { f.boot_vga = true; })
                        .function("0000:65:00.0", 0x038000, "bochs-drm")
                        .group(5, {"0000:65:00.0"})
                        .build();
  EXPECT_THAT(ids(host), IsEmpty());
}

TEST(Guards, ABootDisplayThatCannotBeReadIsUnknown) {
  const Host host = one_card()
                        .vga("0000:66:00.0")
                        .with([](PciFunction& f) { f.boot_vga = Unknown{"I/O error"}; })
                        .group(7, {"0000:66:00.0"})
                        .build();
  EXPECT_THAT(ids(host, address("66:00.0")), ElementsAre("gpu.boot-display?"));
}

TEST(Guards, NameAStrangerWithItsClassAndDriver) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .function("0000:66:00.0", 0x010802, "nvme")
                        .group(5, {"0000:65:00.0", "0000:66:00.0"})
                        .build();
  EXPECT_THAT(ids(host), ElementsAre("group.foreign-member"));
  EXPECT_EQ(message(host), "0000:66:00.0 (class 010802, driver nvme) shares its IOMMU group");
}

TEST(Guards, StrangersThatNoHostDriverUsesAreNoObstacle) {
  const Host host =
      HostBuilder()
          .port("0000:00:01.1", ExpressType::RootPort)
          .function("0000:00:01.0", 0x060000)
          .gpu("0000:65:00.0")
          .function("0000:66:00.0", 0x010802)
          .gpu("0000:67:00.0", "vfio-pci")
          .group(5, {"0000:00:01.0", "0000:00:01.1", "0000:65:00.0", "0000:66:00.0", "0000:67:00.0"})
          .build();
  EXPECT_THAT(ids(host), IsEmpty());
}

TEST(Guards, AHostBridgeWithADriverKeepsTheKernelFromGivingTheGroup) {
  const Host host = HostBuilder()
                        .function("0000:00:00.0", 0x060000, "skl_uncore")
                        .gpu("0000:65:00.0")
                        .group(5, {"0000:00:00.0", "0000:65:00.0"})
                        .build();
  EXPECT_THAT(ids(host), ElementsAre("group.foreign-member"));
}

TEST(Guards, AStrangerWhoseDriverIsUnknownLeavesItOpen) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .function("0000:66:00.0", 0x010802)
                        .with([](PciFunction& f) { f.driver = Unknown{"unreadable"}; })
                        .group(5, {"0000:65:00.0", "0000:66:00.0"})
                        .build();
  EXPECT_THAT(ids(host), ElementsAre("group.foreign-member?"));
}

TEST(Guards, WithoutAnIommuNothingGoes) {
  HostBuilder off =
      HostBuilder().gpu("0000:65:00.0").audio("0000:65:00.1").host([](Host& h) { h.iommu->units.clear(); });
  EXPECT_THAT(ids(off.build()), ElementsAre("iommu.disabled"));
  EXPECT_THAT(guards(off.build(), kGpu)[0].remedy, HasSubstr("intel_iommu=on"));
  off.host([](Host& h) { h.iommu->firmware_tables.clear(); });
  EXPECT_THAT(guards(off.build(), kGpu)[0].remedy, HasSubstr("firmware's setup"));
}

TEST(Guards, AFunctionThatTheIommuLeavesOutDoesNotGo) {
  EXPECT_THAT(ids(HostBuilder().gpu("0000:65:00.0").build()), ElementsAre("group.missing"));
  const Host half =
      HostBuilder().gpu("0000:65:00.0").audio("0000:65:00.1").group(5, {"0000:65:00.0"}).build();
  EXPECT_THAT(ids(half), ElementsAre("group.missing"));
}

TEST(Guards, AGroupThatCannotBeToldLeavesItOpen) {
  HostBuilder builder =
      HostBuilder().gpu("0000:65:00.0").with([](PciFunction& f) { f.iommu_group = Unknown{"dangling"}; });
  EXPECT_THAT(ids(builder.build()), ElementsAre("group.unknown?"));
  builder = HostBuilder().gpu("0000:65:00.0").with([](PciFunction& f) { f.iommu_group = 9u; });
  EXPECT_THAT(ids(builder.build()), ElementsAre("group.unknown?"));
}

TEST(Guards, GroupZeroIsAGroup) {
  EXPECT_THAT(ids(HostBuilder().gpu("0000:65:00.0").group(0, {"0000:65:00.0"}).build()), IsEmpty());
}

TEST(Guards, APhysicalFunctionStaysWhileItHasVirtualOnes) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .with([](PciFunction& f) { f.sriov = Sriov{16, 2}; })
                        .group(5, {"0000:65:00.0"})
                        .build();
  EXPECT_THAT(ids(host), ElementsAre("gpu.has-vfs"));
}

TEST(Guards, WhatARunningGuestHasIsTaken) {
  EXPECT_THAT(ids(one_card().guest("guest1", {"0000:65:00.1"}, {}).build()), ElementsAre("gpu.assigned"));
  EXPECT_THAT(ids(one_card().guest("guest1", {}, {"0000:65:00.0"}).build()), IsEmpty())
      << "to want is not to have";
}

TEST(Guards, AHeldNodeNamesItsHolder) {
  const Host host = one_card().holder(5, 4242, "qemu-system-x86").holder(7, 1, "other").build();
  EXPECT_THAT(ids(host), ElementsAre("gpu.held"));
  EXPECT_EQ(message(host), "/dev/vfio/5 is held by qemu-system-x86 (process 4242)");
}

TEST(Guards, WhoUsesItMattersOnlyForWhatIsOnVfio) {
  const auto hide = [](Host& h) {
    h.holders = Unknown{"needs root"};
    h.domains = Unknown{"libvirtd does not answer"};
  };
  EXPECT_THAT(ids(one_card().host(hide).build()), IsEmpty());
  const HostBuilder bound = HostBuilder().gpu("0000:65:00.0", "vfio-pci").group(5, {"0000:65:00.0"});
  EXPECT_THAT(ids(HostBuilder(bound).host(hide).build()), ElementsAre("gpu.held?", "gpu.assigned?"));
  EXPECT_THAT(ids(HostBuilder(bound).host([](Host& h) { h.holders = {}; }).build()), ElementsAre("gpu.held?"))
      << "not asked";
  EXPECT_THAT(ids(HostBuilder(bound).host([](Host& h) { h.domains = {}; }).build()),
              ElementsAre("gpu.assigned?"))
      << "not asked";
}

TEST(Guards, OnlyGpusGo) {
  EXPECT_THAT(ids(one_card().build(), address("64:00.0")), testing::Contains("gpu.bridge"));
  EXPECT_THAT(ids(one_card().build(), address("65:00.1")), ElementsAre("gpu.class"));
  EXPECT_THAT(guards(one_card().build(), address("65:00.1"))[0].remedy, HasSubstr("0000:65:00.0"));
  const Host host =
      one_card().function("0000:00:02.0", 0x010000, "virtio-pci").group(9, {"0000:00:02.0"}).build();
  EXPECT_THAT(ids(host, address("00:02.0")), IsEmpty()) << "a device of no card of a GPU moves by itself";
}

TEST(Guards, WhatTheHostLivesOnStays) {
  const HostBuilder machine =
      one_card().function("0000:66:00.0", 0x010802, "nvme").group(7, {"0000:66:00.0"});
  const PciAddress disk = address("0000:66:00.0");
  Host host = machine.build();
  host.uses = std::vector<DeviceUse>{{disk, DeviceUse::Kind::Mounted, "nvme0n1p2"},
                                     {kGpu, DeviceUse::Kind::Network, "eth0"}};
  EXPECT_THAT(ids(host, disk), ElementsAre("device.disk-in-use"));
  EXPECT_THAT(ids(host), ElementsAre("device.network-up"));
  host.uses = Unknown{"no mounts"};
  EXPECT_THAT(ids(host, disk), ElementsAre("device.disk-in-use?"));
  EXPECT_THAT(ids(host), IsEmpty()) << "a GPU holds no disks";
  host.uses = std::vector<DeviceUse>{};
  EXPECT_THAT(ids(host, disk), IsEmpty());
}

TEST(Guards, TheHostsOwnUsesEachHaveTheirFinding) {
  Host host = one_card().build();
  const auto with = [&](DeviceUse::Kind kind, const char* what) {
    host.uses = std::vector<DeviceUse>{{kGpu, kind, what}};
    return ids(host);
  };
  EXPECT_THAT(with(DeviceUse::Kind::Route, "eth0"), ElementsAre("device.default-route"));
  EXPECT_THAT(with(DeviceUse::Kind::Fstab, "nvme0n1p1"), ElementsAre("device.disk-wanted"));
  EXPECT_THAT(with(DeviceUse::Kind::Console, "fb0"), ElementsAre("gpu.console"));
  EXPECT_THAT(with(DeviceUse::Kind::Framebuffer, "efifb"), ElementsAre("gpu.framebuffer"));
  EXPECT_THAT(with(DeviceUse::Kind::Mdev, "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"),
              ElementsAre("gpu.has-mdevs"));
  EXPECT_THAT(with(DeviceUse::Kind::Zfs, "nvme0n1"), ElementsAre("device.disk-in-use?")) << "a guess";
  EXPECT_THAT(with(DeviceUse::Kind::Unseen, "igb"), ElementsAre("device.network-up?")) << "a guess";
  for (const auto kind : {DeviceUse::Kind::Mounted, DeviceUse::Kind::Swap, DeviceUse::Kind::Stacked,
                          DeviceUse::Kind::Held, DeviceUse::Kind::Exported})
    EXPECT_THAT(with(kind, "sda1"), ElementsAre("device.disk-in-use")) << static_cast<int>(kind);
}

TEST(Guards, ADiskOfAGuestIsInUseByIt) {
  Host host = one_card().guest("guest1", {}, {}).build();
  host.uses = std::vector<DeviceUse>{{kGpu, DeviceUse::Kind::Guest, "nvme0n1", "guest1"}};
  const auto can_be_forced = [&] { return objections(host, kGpu, {kGpu}).front().force == kGpu; };
  host.domains->front().active = true;
  EXPECT_THAT(ids(host), ElementsAre("device.disk-in-use"));
  EXPECT_THAT(message(host), HasSubstr("nvme0n1 of 0000:65:00.0 is a disk of guest guest1, which runs"));
  EXPECT_FALSE(can_be_forced());
  host.domains->front().active = false;
  EXPECT_THAT(ids(host), ElementsAre("device.disk-in-use"));
  EXPECT_TRUE(can_be_forced());
}

TEST(Guards, AMediatedDeviceIsToldWithTheGuestThatHasIt) {
  const std::string uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
  Host host = one_card().guest("guest1", {}, {}).guest("guest2", {}, {}).build();
  host.uses = std::vector<DeviceUse>{{kGpu, DeviceUse::Kind::Mdev, uuid}};
  host.domains->front().live_devices = {*DeviceId::parse(uuid)};
  host.domains->back().persistent_devices = {*DeviceId::parse(uuid)};
  EXPECT_THAT(guards(host, kGpu),
              ElementsAre(testing::Field(
                  &Finding::message, "0000:65:00.0 has the mediated device " + uuid +
                                         "; guest guest1 runs with it; guest guest2 is defined with it")));
}

TEST(Guards, TheLastKeyboardStays) {
  Host host = one_card().build();
  host.keyboards = std::vector<Keyboard>{{"input1", kGpu}};
  EXPECT_THAT(ids(host), ElementsAre("device.last-keyboard"));
  host.keyboards->push_back({"input2", address("65:00.1")});
  EXPECT_THAT(ids(host), ElementsAre("device.last-keyboard", "device.last-keyboard"))
      << "both leave with the card";
  host.keyboards->push_back({"input3", Absent{}});
  EXPECT_THAT(ids(host), IsEmpty()) << "the platform's own";
  host.keyboards = std::vector<Keyboard>{};
  EXPECT_THAT(ids(host), IsEmpty()) << "there is none to lose";
}

TEST(Guards, TheLastKeyboardMayBeOfBluetooth) {
  const PciAddress usb = address("66:00.0");
  Host host = one_card().function("0000:66:00.0", 0x0c0330, "xhci_hcd").group(7, {"0000:66:00.0"}).build();
  host.keyboards = std::vector<Keyboard>{{"input1", Unknown{"its adapter is not known"}}};
  EXPECT_THAT(ids(host, usb), ElementsAre("device.last-keyboard?"));
  EXPECT_THAT(ids(host), IsEmpty()) << "a GPU has no adapter";
  host.keyboards->push_back({"input2", Absent{}});
  EXPECT_THAT(ids(host, usb), IsEmpty());
}

TEST(Guards, MemoryThatTheFirmwareReservesForTheGroup) {
  Host host = one_card().build();
  IommuGroup& group = *std::ranges::find(*host.groups, 5u, &IommuGroup::id);
  group.reserved_regions = {"0x00000000fee00000 0x00000000feefffff msi",
                            "0x000000007a000000 0x000000007f7fffff direct-relaxable"};
  EXPECT_THAT(ids(host), IsEmpty());
  group.reserved_regions.push_back("0x000000006f000000 0x000000006fffffff direct");
  EXPECT_THAT(ids(host), ElementsAre("group.reserved-memory"));
  EXPECT_THAT(message(host), HasSubstr("0x000000006f000000 0x000000006fffffff"));
}

TEST(Guards, ADriverThatCannotBeReadLeavesItOpen) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .with([](PciFunction& f) { f.driver_override = Unknown{"no answer in time"}; })
                        .group(5, {"0000:65:00.0"})
                        .build();
  EXPECT_THAT(ids(host), ElementsAre("gpu.unreadable?"));
}

TEST(Guards, AFunctionWithoutIdsCannotBeRecorded) {
  const auto with = [](void (*change)(PciFunction&), const char* driver) {
    return ids(HostBuilder()
                   .gpu("0000:65:00.0")
                   .function("0000:65:00.1", 0x040300, driver)
                   .with(change)
                   .group(5, {"0000:65:00.0", "0000:65:00.1"})
                   .build());
  };
  const auto no_vendor = [](PciFunction& f) { f.vendor = Unknown{"no such file"}; };
  const auto no_device = [](PciFunction& f) { f.device = Unknown{"no such file"}; };
  EXPECT_THAT(with(no_vendor, "snd_hda_intel"), ElementsAre("gpu.unreadable?"));
  EXPECT_THAT(with(no_device, "snd_hda_intel"), ElementsAre("gpu.unreadable?"));
  EXPECT_THAT(with(no_device, "vfio-pci"), IsEmpty());
}

TEST(Guards, ADriverThatNobodyKnowsIsNotUnbound) {
  const auto with = [](const char* driver) {
    const Host host = HostBuilder().gpu("0000:65:00.0", driver).group(5, {"0000:65:00.0"}).build();
    std::vector<std::string> result;
    for (const Finding& finding : guards(host, kGpu)) result.push_back(finding.id);
    return result;
  };
  EXPECT_THAT(with("wondergpu"), testing::Contains("gpu.driver"));
  for (const char* driver : {"nvidia", "", "nvgrace_gpu_vfio_pci"})
    EXPECT_THAT(with(driver), testing::Not(testing::Contains("gpu.driver"))) << driver;
}

TEST(Guards, ACardThatCannotBeResetDoesNotComeBack) {
  Host host = one_card().function("0000:66:00.0", 0x030200).build();
  PciFunction& gpu = *std::ranges::find(host.functions, kGpu, &PciFunction::address);
  EXPECT_THAT(ids(host), IsEmpty()) << "nobody looked";
  gpu.reset_methods = std::vector<std::string>{};
  EXPECT_THAT(ids(host), ElementsAre("gpu.reset"));
  for (const char* method : {"flr", "pm", "af_flr", "device_specific", "acpi"}) {
    gpu.reset_methods = std::vector<std::string>{method, "bus"};
    EXPECT_THAT(ids(host), IsEmpty()) << method;
  }
  gpu.reset_methods = std::vector<std::string>{"bus"};
  EXPECT_THAT(ids(host), IsEmpty()) << "its bus holds its own card alone";
  host.functions.back().address = address("65:01.0");
  EXPECT_THAT(ids(host), ElementsAre("gpu.reset"));
  EXPECT_THAT(guards(host, kGpu).front().message, HasSubstr("together with 0000:65:01.0"));
}

TEST(Guards, VfioRefusesWithoutInterruptRemapping) {
  Host host = one_card().build();
  host.iommu->interrupt_remapping = false;
  EXPECT_THAT(ids(host), ElementsAre("iommu.interrupts"));
  host.iommu->unsafe_interrupts = true;
  EXPECT_THAT(ids(host), IsEmpty());
  host.iommu->unsafe_interrupts = false;
  EXPECT_THAT(ids(host), ElementsAre("iommu.interrupts"));
  host.iommu->interrupt_remapping = Unknown{"no /proc/interrupts"};
  EXPECT_THAT(ids(host), IsEmpty());
}

TEST(FindingIds, AreSortedAndExplained) {
  const auto all = finding_ids();
  EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::less_equal(), &FindingId::id));
  for (const FindingId& one : all) EXPECT_FALSE(one.meaning.empty()) << one.id;
}

}  // namespace
}  // namespace gpupass::guards_test
