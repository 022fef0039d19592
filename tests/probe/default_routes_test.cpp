// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/default_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_system.hpp"

namespace gpupass::default_routes_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kRoutes =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "br0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    "eth9\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
constexpr auto kRoutes6 =
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "fe800000000000000000000000000001 00000400 "
    "00000001 00000000 00000003     wlan0\n"
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 ffffffff "
    "00000001 00000000 00200200       lo\n"
    "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 00000100 "
    "00000001 00000000 00000001     eth9\n";

TEST(DefaultRoutes, AreToldByTheKernelsTables) {
  EXPECT_THAT(default_routes_v4(kRoutes), ElementsAre("br0"));
  EXPECT_THAT(default_routes_v6(kRoutes6), ElementsAre("wlan0"));
  EXPECT_THAT(default_routes_v4("br0 00000000"), IsEmpty());
  EXPECT_THAT(default_routes_v6("00000000000000000000000000000000 00"), IsEmpty());
}

TEST(DefaultRoutes, LeadThroughBridgesToTheirPorts) {
  MemorySystem system;
  system.file("/proc/self/net/route", kRoutes);
  system.symlink("/sys/class/net/br0/lower_bond0", "../bond0");
  system.symlink("/sys/class/net/bond0/lower_eth0", "../eth0");
  system.symlink("/sys/class/net/eth0/upper_bond0", "../bond0");
  system.symlink("/sys/class/net/eth0/lower_br0", "../br0");  // No kernel does this; we must not hang for it.
  EXPECT_THAT(default_routes(system), ElementsAre("bond0", "br0", "eth0"));
}

}  // namespace
}  // namespace gpupass::default_routes_test
