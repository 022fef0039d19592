// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"

namespace gpupass::isolation_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Isolation of_group(const Host& host, std::uint32_t id) {
  return isolation_of(host, *find_group(host, id));
}

/// A root port, a switch, and a GPU below each of its two downstream ports, each GPU in the group of its
/// port.
HostBuilder switch_with_two_gpus(const Fact<Acs>& first, const Fact<Acs>& second) {
  return HostBuilder()
      .port("0000:20:00.0", ExpressType::RootPort)
      .port("0000:21:00.0", ExpressType::UpstreamPort)
      .below("0000:20:00.0")
      .no_acs()
      .port("0000:22:00.0", ExpressType::DownstreamPort)
      .below("0000:21:00.0")
      .acs(first)
      .port("0000:22:01.0", ExpressType::DownstreamPort)
      .below("0000:21:00.0")
      .acs(second)
      .gpu("0000:23:00.0")
      .below("0000:22:00.0")
      .gpu("0000:24:00.0")
      .below("0000:22:01.0")
      .group(1, {"0000:20:00.0"})
      .group(2, {"0000:21:00.0"})
      .group(3, {"0000:22:00.0", "0000:23:00.0"})
      .group(4, {"0000:22:01.0", "0000:24:00.0"});
}

constexpr Acs kOn{0x5f, 0x1d};

TEST(Isolation, BehindARootPortWithAcsIsGiven) {
  const Isolation isolation = of_group(one_card().build(), 5);
  EXPECT_EQ(isolation.kernel, Answer::Yes);
  EXPECT_EQ(isolation.acs, Answer::Yes);
  EXPECT_THAT(isolation.peers, IsEmpty());
  EXPECT_THAT(isolation.why, IsEmpty());
}

TEST(Isolation, BehindASwitchWithoutAcsTheKernelIsTooOptimistic) {
  const Host host = switch_with_two_gpus(Absent{}, Absent{}).build();
  const Isolation first = of_group(host, 3);
  EXPECT_EQ(first.kernel, Answer::Yes);
  EXPECT_EQ(first.acs, Answer::No);
  EXPECT_THAT(first.peers, ElementsAre(address("24:00.0")));
  EXPECT_THAT(first.merged_by, ElementsAre(address("22:00.0"), address("22:01.0")));
  EXPECT_THAT(of_group(host, 4).peers, ElementsAre(address("23:00.0")));
}

TEST(Isolation, BehindASwitchWithAcsIsGiven) {
  const Host host = switch_with_two_gpus(kOn, kOn).build();
  EXPECT_EQ(of_group(host, 3).acs, Answer::Yes);
  EXPECT_EQ(of_group(host, 4).acs, Answer::Yes);
}

TEST(Isolation, OnePortWithoutAcsLetsItsPeersInAtBoth) {
  const Host host = switch_with_two_gpus(kOn, Absent{}).build();
  EXPECT_EQ(of_group(host, 3).acs, Answer::No) << "the other GPU's requests turn around inside the switch";
  EXPECT_THAT(of_group(host, 3).merged_by, ElementsAre(address("22:01.0")));
  EXPECT_EQ(of_group(host, 4).acs, Answer::No);
  EXPECT_THAT(of_group(host, 4).merged_by, ElementsAre(address("22:01.0")));
}

TEST(Isolation, ServicesThatAPortDoesNotImplementCountAsGiven) {
  EXPECT_EQ(of_group(switch_with_two_gpus(Acs{0x04, 0x04}, kOn).build(), 3).acs, Answer::Yes);
  EXPECT_EQ(of_group(switch_with_two_gpus(Acs{0x5f, 0x19}, kOn).build(), 3).acs, Answer::No);
}

TEST(Isolation, AcsThatCannotBeReadIsNeverGiven) {
  const Host host = switch_with_two_gpus(kOn, Unknown{"only 256 bytes"}).build();
  const Isolation isolation = of_group(host, 3);
  EXPECT_EQ(isolation.acs, Answer::Unknown);
  EXPECT_THAT(isolation.why, HasSubstr("0000:22:01.0: only 256 bytes"));
}

TEST(Isolation, OneCertainPeerDecidesWhateverElseIsUnknown) {
  HostBuilder builder = switch_with_two_gpus(Absent{}, Unknown{"only 256 bytes"});
  const Isolation isolation = of_group(builder.build(), 3);
  EXPECT_EQ(isolation.acs, Answer::No);
  EXPECT_THAT(isolation.why, IsEmpty());
}

TEST(Isolation, WithoutConfigurationSpaceIsUnknownAndSaysWhy) {
  Host host = one_card().build();
  for (PciFunction& function : host.functions) function.config = Unknown{"needs root"};
  const Isolation isolation = of_group(host, 5);
  EXPECT_EQ(isolation.kernel, Answer::Yes);
  EXPECT_EQ(isolation.acs, Answer::Unknown);
  EXPECT_THAT(isolation.why, HasSubstr("needs root"));
  for (PciFunction& function : host.functions) function.config = {};
  EXPECT_EQ(of_group(host, 5).acs, Answer::Unknown);
  EXPECT_EQ(of_group(host, 6).acs, Answer::Unknown) << "also for a group of bridges alone";
}

TEST(Isolation, ABridgeWhoseConfigurationSpaceShowsNoneIsUnknown) {
  Host host = one_card().build();
  for (PciFunction& function : host.functions)
    if (function.address == address("64:00.0"))
      function.config = PciConfig{false, false, Absent{}, Absent{}, false, {}};
  EXPECT_EQ(of_group(host, 5).acs, Answer::Unknown);
  EXPECT_THAT(of_group(host, 5).why, HasSubstr("header type 0"));
}

TEST(Isolation, ABridgeWithoutCapabilitiesProvesNothingAgainstTheKernelsGroups) {
  const auto bare = [](PciFunction& f) { f.config = PciConfig{true, false, Absent{}, Absent{}, false, {}}; };
  const Host host = HostBuilder()
                        .port("0000:05:00.0", ExpressType::UpstreamPort)
                        .with(bare)
                        .gpu("0000:06:00.0")
                        .below("0000:05:00.0")
                        .gpu("0000:07:00.0")
                        .below("0000:05:00.0")
                        .group(1, {"0000:05:00.0"})
                        .group(2, {"0000:06:00.0"})
                        .group(3, {"0000:07:00.0"})
                        .build();
  EXPECT_EQ(of_group(host, 2).acs, Answer::Unknown);
  EXPECT_THAT(of_group(host, 2).why, HasSubstr("0000:05:00.0"));
  EXPECT_THAT(of_group(host, 1).peers, IsEmpty()) << "what is below a bridge is no peer of it";
}

TEST(Isolation, ConventionalPciOnARootBusIsUnknown) {
  const auto conventional = [](PciFunction& f) { f.config->express = Absent{}; };
  const Host host = HostBuilder().vga("0000:00:01.0").with(conventional).group(0, {"0000:00:01.0"}).build();
  EXPECT_EQ(of_group(host, 0).acs, Answer::Unknown);
  // As emulated graphics stand there: it has the root port to itself.
  const Host below = HostBuilder()
                         .port("0000:20:00.0", ExpressType::RootPort)
                         .vga("0000:21:00.0")
                         .with(conventional)
                         .below("0000:20:00.0")
                         .group(0, {"0000:21:00.0"})
                         .build();
  EXPECT_EQ(of_group(below, 0).acs, Answer::Yes);
}

TEST(Isolation, EndsInTheUnknownWhereABridgeAboveIsNotKnown) {
  Host host = one_card().build();
  for (PciFunction& function : host.functions)
    if (function.address == address("64:00.0")) function.parent = Unknown{"unreadable"};
  EXPECT_EQ(of_group(host, 5).acs, Answer::Unknown);
}

TEST(Isolation, SurvivesACircleOfParents) {
  Host host = switch_with_two_gpus(kOn, kOn).build();
  for (PciFunction& function : host.functions)
    if (function.address == address("20:00.0")) function.parent = address("22:00.0");
  EXPECT_EQ(of_group(host, 3).acs, Answer::Unknown);
}

TEST(Isolation, BelowABridgeToConventionalPciAllShareOneBus) {
  for (const Fact<ExpressType>& type :
       {Fact<ExpressType>(ExpressType::PcieToPciBridge), Fact<ExpressType>(Absent{})}) {
    Host host = HostBuilder()
                    .port("0000:00:1c.0", ExpressType::RootPort)
                    .port("0000:01:00.0", ExpressType::PcieToPciBridge)
                    .below("0000:00:1c.0")
                    .no_acs()
                    .vga("0000:02:00.0")
                    .below("0000:01:00.0")
                    .function("0000:02:01.0", 0x020000, "e100")
                    .below("0000:01:00.0")
                    .group(1, {"0000:00:1c.0"})
                    .group(2, {"0000:01:00.0", "0000:02:00.0", "0000:02:01.0"})
                    .build();
    for (PciFunction& function : host.functions)
      if (function.address == address("01:00.0")) function.config->express = type;
    const Isolation isolation = of_group(host, 2);
    EXPECT_EQ(isolation.kernel, Answer::No);
    EXPECT_EQ(isolation.acs, Answer::No);
    EXPECT_THAT(isolation.merged_by, ElementsAre(address("01:00.0")));
  }
}

/// Two root ports in one slot, a GPU below each.
HostBuilder two_root_ports(std::string_view second_port, const Fact<Acs>& acs) {
  return HostBuilder()
      .port("0000:00:01.0", ExpressType::RootPort)
      .acs(acs)
      .port(second_port, ExpressType::RootPort)
      .acs(acs)
      .gpu("0000:01:00.0")
      .below("0000:00:01.0")
      .gpu("0000:02:00.0")
      .below(second_port)
      .group(1, {"0000:00:01.0", second_port, "0000:01:00.0", "0000:02:00.0"});
}

/// The same switch below a root port whose ACS is incomplete: the kernel puts all of it into one group.
HostBuilder switch_below(const Fact<Acs>& root) {
  return HostBuilder()
      .port("0000:20:00.0", ExpressType::RootPort)
      .acs(root)
      .port("0000:21:00.0", ExpressType::UpstreamPort)
      .below("0000:20:00.0")
      .no_acs()
      .port("0000:22:00.0", ExpressType::DownstreamPort)
      .below("0000:21:00.0")
      .port("0000:22:01.0", ExpressType::DownstreamPort)
      .below("0000:21:00.0")
      .gpu("0000:23:00.0")
      .below("0000:22:00.0")
      .gpu("0000:24:00.0")
      .below("0000:22:01.0");
}

TEST(Isolation, ARootPortWithIncompleteAcsMergesAllBelowIt) {
  const Host host = switch_below(Acs{0x5f, 0x19})  // Without P2P Request Redirect.
                        .group(1, {"0000:20:00.0", "0000:21:00.0", "0000:22:00.0", "0000:22:01.0",
                                   "0000:23:00.0", "0000:24:00.0"})
                        .build();
  const Isolation isolation = of_group(host, 1);
  EXPECT_EQ(isolation.kernel, Answer::No);
  EXPECT_EQ(isolation.acs, Answer::No);
  EXPECT_THAT(isolation.merged_by, ElementsAre(address("20:00.0")));
}

TEST(Isolation, ARootPortThatTheKernelKnowsMergesNothing) {
  const Host host = switch_below(Absent{})
                        .group(1, {"0000:20:00.0"})
                        .group(2, {"0000:21:00.0"})
                        .group(3, {"0000:22:00.0"})
                        .group(4, {"0000:22:01.0"})
                        .group(5, {"0000:23:00.0"})
                        .group(6, {"0000:24:00.0"})
                        .build();
  EXPECT_THAT(of_group(host, 5).peers, IsEmpty());
  EXPECT_THAT(of_group(host, 5).merged_by, IsEmpty());
}

TEST(Isolation, BehindAVolumeManagementDeviceAllIsOne) {
  const Host host = HostBuilder()
                        .function("0000:00:0e.0", 0x010400, "vmd")
                        .port("10000:e0:06.0", ExpressType::RootPort)
                        .function("10000:e1:00.0", 0x010802, "nvme")
                        .below("10000:e0:06.0")
                        .group(3, {"0000:00:0e.0", "10000:e0:06.0", "10000:e1:00.0"})
                        .build();
  const Isolation isolation = of_group(host, 3);
  EXPECT_EQ(isolation.acs, Answer::No);
  EXPECT_THAT(isolation.merged_by, ElementsAre(address("0000:00:0e.0")));
}

TEST(Isolation, RootPortsOfOneSlotWithoutAcsAreOne) {
  const Isolation isolation = of_group(two_root_ports("0000:00:01.1", Absent{}).build(), 1);
  EXPECT_EQ(isolation.kernel, Answer::No);
  EXPECT_EQ(isolation.acs, Answer::No);
  EXPECT_THAT(isolation.peers, ElementsAre(address("01:00.0"), address("02:00.0")));
  EXPECT_THAT(isolation.merged_by, ElementsAre(address("00:01.0"), address("00:01.1")));
}

TEST(Isolation, RootPortsOfTwoSlotsWithoutAcsAreTheRootComplexsAffair) {
  const Isolation isolation = of_group(two_root_ports("0000:00:02.0", Absent{}).build(), 1);
  EXPECT_EQ(isolation.acs, Answer::Unknown);
  EXPECT_THAT(isolation.why, HasSubstr("root complex"));
  EXPECT_EQ(of_group(two_root_ports("0000:00:02.0", kOn).build(), 1).acs, Answer::Yes);
}

TEST(Isolation, AnUpstreamPortWithAnEndpointBesideItNeedsAcs) {
  Host host = HostBuilder()
                  .port("0000:20:00.0", ExpressType::RootPort)
                  .port("0000:21:00.0", ExpressType::UpstreamPort)
                  .below("0000:20:00.0")
                  .no_acs()
                  .function("0000:21:00.1", 0x088000)
                  .below("0000:20:00.0")
                  .port("0000:22:00.0", ExpressType::DownstreamPort)
                  .below("0000:21:00.0")
                  .gpu("0000:23:00.0")
                  .below("0000:22:00.0")
                  .group(3, {"0000:23:00.0"})
                  .build();
  EXPECT_THAT(of_group(host, 3).peers, ElementsAre(address("21:00.1")));
}

TEST(Isolation, OfAGroupWithTwoCardsIsRefusedByTheKernel) {
  const Host host = HostBuilder()
                        .gpu("0000:01:00.0")
                        .gpu("0000:02:00.0")
                        .group(0, {"0000:01:00.0", "0000:02:00.0"})
                        .build();
  EXPECT_EQ(of_group(host, 0).kernel, Answer::No);
}

TEST(Isolation, OfAGroupWhoseMembersAreNotAllKnownIsUnknown) {
  const Host host = HostBuilder().gpu("0000:01:00.0").group(0, {"0000:01:00.0", "0000:02:00.0"}).build();
  EXPECT_EQ(of_group(host, 0).kernel, Answer::Unknown);
  EXPECT_EQ(of_group(host, 0).acs, Answer::Unknown);
}

TEST(Isolation, OfAFunctionWithoutGroupIsNotGivenByTheKernel) {
  const Host host = HostBuilder().gpu("0000:01:00.0").build();
  const Isolation isolation = isolation_of(host, host.functions.front());
  EXPECT_EQ(isolation.kernel, Answer::No);
  EXPECT_EQ(isolation.acs, Answer::Yes);
}

TEST(Isolation, OfAFunctionWhoseGroupIsDanglingIsUnknown) {
  const Host host = HostBuilder()
                        .gpu("0000:01:00.0")
                        .with([](PciFunction& f) { f.iommu_group = Unknown{"dangling"}; })
                        .build();
  EXPECT_EQ(isolation_of(host, host.functions.front()).kernel, Answer::Unknown);
}

TEST(Role, TellsTheGpuItsCompanionsBridgesAndStrangers) {
  const Host host = HostBuilder()
                        .port("0000:00:01.0", ExpressType::RootPort)
                        .gpu("0000:01:00.0")
                        .audio("0000:01:00.1")
                        .audio("0000:02:00.0")
                        .group(0, {"0000:00:01.0", "0000:01:00.0", "0000:01:00.1", "0000:02:00.0"})
                        .build();
  const auto role = [&](const char* at) { return role_of(host, *find_function(host, address(at))); };
  EXPECT_EQ(role("00:01.0"), Role::Bridge);
  EXPECT_EQ(role("01:00.0"), Role::Gpu);
  EXPECT_EQ(role("01:00.1"), Role::Companion);
  EXPECT_EQ(role("02:00.0"), Role::Other);
}

}  // namespace
}  // namespace gpupass::isolation_test
