// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/host_builder.hpp"

namespace gpupass::identity_test {
namespace {

using testing::IsEmpty;

const Identity kFull{
    0x10de, 0x2330, 0x10de, 0x16c1, "48b02d0000a1b2c3", "GPU-7c5b8f0e", "pci0000:60/01.0/00.0"};

Identity changed(void (*change)(Identity&)) {
  Identity identity = kFull;
  change(identity);
  return identity;
}

TEST(Identity, IsTheSameWhereASerialNumberOrUuidSaysSo) {
  EXPECT_EQ(likeness(kFull, kFull), Likeness::Same);
  EXPECT_EQ(likeness(kFull, changed([](Identity& i) { i.path = "pci0000:80/01.0/00.0"; })), Likeness::Same);
  EXPECT_EQ(likeness(kFull, changed([](Identity& i) { i.uuid = ""; })), Likeness::Same);
  EXPECT_EQ(likeness(kFull, changed([](Identity& i) { i.serial = ""; })), Likeness::Same);
  EXPECT_EQ(likeness(kFull, changed([](Identity& i) { i.subsystem_device.reset(); })), Likeness::Same);
}

TEST(Identity, IsAnotherWhereAnythingDiffersThatBothTell) {
  for (const auto change :
       {+[](Identity& i) { i.vendor = 0x1002; }, +[](Identity& i) { i.device = 0x2331; },
        +[](Identity& i) { i.subsystem_vendor = 0; }, +[](Identity& i) { i.subsystem_device = 1; },
        +[](Identity& i) { i.serial = "48b02d0000ffffff"; }, +[](Identity& i) { i.uuid = "GPU-0"; }})
    EXPECT_EQ(likeness(kFull, changed(change)), Likeness::Other);
}

TEST(Identity, IsNotGuessedFromTheModelOrTheSlot) {
  const Identity bare = changed([](Identity& i) { i.serial = i.uuid = ""; });
  EXPECT_EQ(likeness(kFull, bare), Likeness::Alike);
  EXPECT_EQ(likeness(bare, bare), Likeness::Alike);
  EXPECT_EQ(likeness(kFull, {}), Likeness::Alike);
}

TEST(Identity, IsOfWhatTheFunctionTells) {
  const Host host = HostBuilder()
                        .port("0000:60:01.0", ExpressType::RootPort)
                        .gpu("0000:61:00.0")
                        .below("0000:60:01.0")
                        .with([](PciFunction& gpu) {
                          gpu.root_bus = std::string("pci0000:60");
                          gpu.config = PciConfig{};
                          gpu.config->serial = std::string("48b02d0000a1b2c3");
                          gpu.subsystem_vendor = std::uint16_t{0x10de};
                          gpu.uuid = std::string("GPU-7c5b8f0e");
                        })
                        .build();
  const PciFunction& gpu = *find_function(host, address("61:00.0"));
  EXPECT_EQ(
      identity_of(host, gpu),
      (Identity{0x10de, 0x2330, 0x10de, {}, "48b02d0000a1b2c3", "GPU-7c5b8f0e", "pci0000:60/01.0/00.0"}));
  PciFunction zeros = gpu;
  zeros.config->serial = std::string("0000000000000000");
  EXPECT_THAT(identity_of(host, zeros).serial, IsEmpty()) << "a capability that nobody has filled in";
  zeros.uuid = std::string("0000000000000000");
  EXPECT_THAT(identity_of(host, zeros).uuid, IsEmpty());
  PciFunction floating = gpu;
  floating.root_bus = Unknown{"?"};
  EXPECT_THAT(slot_path(host, floating), IsEmpty());
}

TEST(Identity, OnVfioPciIsCompletedByWhatBindHasWrittenDown) {
  Host host = HostBuilder().gpu("0000:65:00.0", "vfio-pci").build();
  Home home{address("65:00.0"), {"nvidia", ""}, {0x10de, 0x2330}};
  home.identity.uuid = "GPU-7c5b8f0e";
  host.homes = std::vector<Home>{home};
  EXPECT_EQ(identity_of(host, host.functions.back()).uuid, "GPU-7c5b8f0e");
  host.homes->front().identity.device = 0x20b0;
  EXPECT_EQ(identity_of(host, host.functions.back()).uuid, "");
}

TEST(Identity, IsCompletedByWhatWasKnownOfTheSameDeviceOnly) {
  const Identity now = changed([](Identity& i) { i.uuid = i.path = ""; });
  EXPECT_EQ(completed(now, kFull), kFull);
  const Identity other = changed([](Identity& i) { i.serial = "48b02d0000ffffff", i.uuid = ""; });
  EXPECT_EQ(completed(other, kFull), other);
  const Identity elsewhere =
      changed([](Identity& i) { i.serial = i.uuid = "", i.path = "pci0000:80/01.0/00.0"; });
  EXPECT_EQ(completed(elsewhere, kFull), elsewhere) << "in another slot one of its kind need not be the same";
}

TEST(Identity, IsOneText) {
  EXPECT_EQ(text_of(kFull),
            "10de:2330 (subsystem 10de:16c1, serial number 48b02d0000a1b2c3, UUID GPU-7c5b8f0e)");
  EXPECT_EQ(text_of(changed([](Identity& i) { i = {0x10de, 0x2330, {}, 0x16c1}; })),
            "10de:2330 (subsystem ????:16c1)");
  EXPECT_EQ(text_of(changed([](Identity& i) { i = {0x10de}; })), "10de:????");
}

}  // namespace
}  // namespace gpupass::identity_test
