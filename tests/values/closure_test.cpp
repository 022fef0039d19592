// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"

namespace gpupass {
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

TEST(Closure, OfWhatTheHostDoesNotHaveIsEmpty) {
  EXPECT_THAT(closure_of(HostBuilder().build(), address("01:00.0")), IsEmpty());
}

TEST(Closure, LeavesOutMembersThatTheHostDoesNotHave) {
  const Host host = HostBuilder().gpu("0000:01:00.0").group(1, {"0000:01:00.0", "0000:01:00.1"}).build();
  EXPECT_THAT(closure_of(host, address("01:00.0")), ElementsAre(address("01:00.0")));
}

}  // namespace
}  // namespace gpupass
