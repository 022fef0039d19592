// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"

namespace gpupass::closure_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Closure, HoldsTheGroupWithoutItsBridges) {
  const Host host = HostBuilder()
                        .function("0000:00:01.0", 0x060000)
                        .port("0000:00:01.1", ExpressType::RootPort)
                        .gpu("0000:01:00.0")
                        .below("0000:00:01.1")
                        .function("0000:02:00.0", 0x010802, "nvme")
                        .group(1, {"0000:00:01.0", "0000:00:01.1", "0000:01:00.0", "0000:02:00.0"})
                        .build();
  EXPECT_THAT(closure_of(host, address("01:00.0")), ElementsAre(address("01:00.0"), address("02:00.0")));
}

TEST(Closure, HoldsTheCardThoughItsFunctionsHaveGroupsOfTheirOwn) {
  const Host host = HostBuilder()
                        .gpu("0000:01:00.0")
                        .audio("0000:01:00.1")
                        .group(1, {"0000:01:00.0"})
                        .group(2, {"0000:01:00.1"})
                        .build();
  EXPECT_THAT(closure_of(host, address("01:00.0")), ElementsAre(address("01:00.0"), address("01:00.1")));
}

TEST(Closure, GrowsUntilNothingNewComes) {
  // The audio function shares a group with a second card, whose USB function shares one with a disk.
  const Host host = HostBuilder()
                        .gpu("0000:01:00.0")
                        .audio("0000:01:00.1")
                        .gpu("0000:02:00.0")
                        .function("0000:02:00.2", 0x0c0330, "xhci_hcd")
                        .function("0000:03:00.0", 0x010802, "nvme")
                        .group(0, {"0000:01:00.0"})
                        .group(1, {"0000:01:00.1", "0000:02:00.0"})
                        .group(2, {"0000:02:00.2", "0000:03:00.0"})
                        .build();
  const auto all = closure_of(host, address("01:00.0"));
  EXPECT_EQ(all.size(), 5u);
  for (const PciAddress member : all)
    EXPECT_EQ(closure_of(host, member), all) << "every member has the same closure";
}

TEST(Closure, OfAGpuWithoutGroupIsItsCard) {
  const Host host = HostBuilder().gpu("0000:01:00.0").audio("0000:01:00.1").build();
  EXPECT_THAT(closure_of(host, address("01:00.0")), ElementsAre(address("01:00.0"), address("01:00.1")));
}

TEST(Closure, OfAVirtualFunctionIsNotItsPhysicalFunction) {
  const Host host = HostBuilder()
                        .gpu("0000:01:00.0")
                        .gpu("0000:01:00.4", "")
                        .virtual_function_of("0000:01:00.0")
                        .gpu("0000:01:00.5", "")
                        .virtual_function_of("0000:01:00.0")
                        .build();
  EXPECT_THAT(closure_of(host, address("01:00.4")), ElementsAre(address("01:00.4")));
  EXPECT_THAT(closure_of(host, address("01:00.0")), ElementsAre(address("01:00.0")));
}

TEST(Closure, NeverHoldsABridge) {
  const Host host = HostBuilder()
                        .port("0000:01:00.0", ExpressType::UpstreamPort)
                        .function("0000:01:00.1", 0x088000)
                        .function("0000:02:00.0", 0x068000)
                        .with([](PciFunction& f) { f.config->bridge = true; })
                        .group(1, {"0000:01:00.0", "0000:01:00.1", "0000:02:00.0"})
                        .build();
  EXPECT_THAT(closure_of(host, address("01:00.1")), ElementsAre(address("01:00.1")));
  EXPECT_THAT(closure_of(host, address("01:00.0")), IsEmpty());
}

/// A processor with graphics, as AMD and Hygon build it: all at one device number.
HostBuilder processor(std::uint16_t maker) {
  HostBuilder builder;
  builder.vga("0000:c6:00.0", "amdgpu").ids(0x1002, 0x1900);
  builder.audio("0000:c6:00.1").ids(0x1002, 0x1640);
  builder.function("0000:c6:00.2", 0x108000, "ccp").ids(maker, 0x15c7);
  builder.function("0000:c6:00.3", 0x0c0330, "xhci_hcd").ids(maker, 0x15b9);
  return builder;
}

TEST(Closure, OfAProcessorsGraphicsIsWhatTheVendorOfTheGpuMade) {
  for (const std::uint16_t maker : {std::uint16_t{0x1022}, std::uint16_t{0x1d94}}) {
    const Host host = processor(maker)
                          .group(17, {"0000:c6:00.0"})
                          .group(18, {"0000:c6:00.1"})
                          .group(19, {"0000:c6:00.2"})
                          .group(20, {"0000:c6:00.3"})
                          .build();
    EXPECT_THAT(closure_of(host, address("c6:00.0")), ElementsAre(address("c6:00.0"), address("c6:00.1")));
    EXPECT_THAT(closure_of(host, address("c6:00.3")), ElementsAre(address("c6:00.3")));
  }
}

TEST(Closure, OfAProcessorsGraphicsIsAllThatTheIommuCannotTellApart) {
  const Host host =
      processor(0x1022).group(17, {"0000:c6:00.0", "0000:c6:00.1", "0000:c6:00.2", "0000:c6:00.3"}).build();
  EXPECT_EQ(closure_of(host, address("c6:00.0")).size(), 4u);
}

/// GPU and sound below two ports of one switch, each in a group of its own.
HostBuilder card_with_a_switch(std::uint16_t of_switch, bool slots) {
  HostBuilder builder;
  builder.port("0000:00:01.0", ExpressType::RootPort).ids(0x8086, 0xa70d);
  builder.port("0000:01:00.0", ExpressType::UpstreamPort).below("0000:00:01.0").ids(of_switch, 0xe2ff);
  for (const char* at : {"0000:02:01.0", "0000:02:02.0"})
    builder.port(at, ExpressType::DownstreamPort)
        .below("0000:01:00.0")
        .ids(of_switch, 0xe2f0)
        .with(slots ? [](PciFunction& f) { f.config->slot = true; }
                    : [](PciFunction& f) { f.config->slot = false; });
  builder.vga("0000:03:00.0", "xe").below("0000:02:01.0").ids(0x8086, 0xe20c);
  builder.audio("0000:04:00.0").below("0000:02:02.0").ids(0x8086, 0xe2f7);
  builder.group(5, {"0000:03:00.0"}).group(6, {"0000:04:00.0"});
  return builder;
}

TEST(Closure, HoldsWhatIsBelowTheCardsOwnSwitch) {
  const Host host = card_with_a_switch(0x8086, false).build();
  EXPECT_THAT(closure_of(host, address("03:00.0")), ElementsAre(address("03:00.0"), address("04:00.0")));
  EXPECT_THAT(closure_of(host, address("04:00.0")), ElementsAre(address("03:00.0"), address("04:00.0")));
}

TEST(Closure, EndsAtASwitchThatLeadsToSlotsOrIsOfTheBoardOrHasTwoGpus) {
  EXPECT_EQ(closure_of(card_with_a_switch(0x8086, true).build(), address("03:00.0")).size(), 1u);
  EXPECT_EQ(closure_of(card_with_a_switch(0x10b5, false).build(), address("03:00.0")).size(), 1u);
  HostBuilder two = card_with_a_switch(0x8086, false);
  two.vga("0000:04:00.1", "xe").below("0000:02:02.0").ids(0x8086, 0xe20c);
  EXPECT_EQ(closure_of(two.build(), address("03:00.0")).size(), 1u);
}

TEST(Closure, OfAVirtualFunctionBelowTheCardsOwnSwitchIsItself) {
  HostBuilder card = card_with_a_switch(0x8086, false);
  card.vga("0000:03:00.1", "").below("0000:02:01.0").ids(0x8086, 0xe20c).virtual_function_of("0000:03:00.0");
  EXPECT_THAT(closure_of(card.build(), address("03:00.1")), ElementsAre(address("03:00.1")));
  EXPECT_EQ(closure_of(card.build(), address("03:00.0")).size(), 2u);
}

TEST(Closure, OfWhatTheHostDoesNotHaveIsEmpty) {
  EXPECT_THAT(closure_of(HostBuilder().build(), address("01:00.0")), IsEmpty());
}

TEST(Closure, LeavesOutMembersThatTheHostDoesNotHave) {
  const Host host = HostBuilder().gpu("0000:01:00.0").group(1, {"0000:01:00.0", "0000:01:00.1"}).build();
  EXPECT_THAT(closure_of(host, address("01:00.0")), ElementsAre(address("01:00.0")));
}

}  // namespace
}  // namespace gpupass::closure_test
