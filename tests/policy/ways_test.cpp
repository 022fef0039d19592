// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "policy/place/gpu_distance.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace gpupass::ways_test {
namespace {

Host example(const std::string& name) {
  return probe(*open_host(source_path("examples/hosts/" + name + ".host")),
               {.parts = needs(Verb::Topology), .named = {}});
}

/// The word for the way between two devices of a host.
std::string_view word(const Host& host, const char* one, const char* other) {
  const WayMatrix matrix = assess_ways(host);
  const auto place = [&](const char* address) {
    const auto found =
        std::ranges::find(matrix.devices, *PciAddress::parse(address), &WayMatrix::Device::address);
    EXPECT_NE(found, matrix.devices.end()) << address;
    return static_cast<std::size_t>(found - matrix.devices.begin());
  };
  return to_string(matrix.ways[place(one)][place(other)]);
}

// Four switches with two GPUs and two network cards each; each switch has a host bridge of its own.
TEST(Ways, HaveNvidiaSmisWords) {
  const Host host = example("8gpu-2socket");
  EXPECT_EQ(word(host, "19:00.0", "19:00.0"), "X");
  EXPECT_EQ(word(host, "19:00.0", "1a:00.0"), "PIX");
  EXPECT_EQ(word(host, "19:00.0", "1b:00.0"), "PIX") << "a network card below the same switch";
  EXPECT_EQ(word(host, "19:00.0", "53:00.0"), "NODE");
  EXPECT_EQ(word(host, "19:00.0", "9a:00.0"), "SYS");
  EXPECT_EQ(word(host, "53:00.0", "81:00.0"), "NODE") << "a drive";
}

TEST(Ways, GoThroughOneHostBridgeOrSeveral) {
  Host host = example("8gpu-2socket");
  for (PciFunction& function : host.functions)
    if (function.root_bus && *function.root_bus == "pci0000:50")
      function.root_bus = std::string("pci0000:16");
  EXPECT_EQ(word(host, "19:00.0", "53:00.0"), "PHB");
}

TEST(Ways, ASwitchBelowASwitchIsSeveral) {
  Host host = example("8gpu-2socket");
  for (PciFunction& function : host.functions)  // The second switch moves below a port of the first one.
    if (function.address == *PciAddress::parse("51:00.0")) function.parent = *PciAddress::parse("18:03.0");
  EXPECT_EQ(word(host, "19:00.0", "53:00.0"), "PXB");
  EXPECT_EQ(word(host, "53:00.0", "54:00.0"), "PIX");
}

TEST(Ways, DirectLinksAreTheShortest) {
  Host host = example("8gpu-2socket");
  host.direct_links = std::vector<DirectLink>{{*PciAddress::parse("19:00.0"), *PciAddress::parse("9a:00.0")}};
  EXPECT_EQ(word(host, "9a:00.0", "19:00.0"), "XGMI");
}

TEST(Ways, LeadToAnotherNodeThoughTheFirmwareDoesNotTellHowFarItIs) {
  Host host = example("8gpu-2socket");
  for (NumaNode& node : *host.numa_nodes) node.distances = Absent{};
  EXPECT_EQ(word(host, "19:00.0", "9a:00.0"), "SYS");
}

TEST(Ways, WhatIsNotKnownIsNotSaid) {
  Host host = example("8gpu-2socket");
  for (PciFunction& function : host.functions) function.numa_node = Unknown{"not readable"};
  EXPECT_EQ(word(host, "19:00.0", "9a:00.0"), "?");
  EXPECT_EQ(word(host, "19:00.0", "1a:00.0"), "PIX");
  EXPECT_TRUE(assess_ways(host).devices.front().cpus.unknown());
}

TEST(Ways, EachDeviceHasItsNodeAndTheCpusOfIt) {
  const Host host = example("8gpu-2socket");
  const WayMatrix matrix = assess_ways(host);
  EXPECT_EQ(matrix.devices.front().address, *PciAddress::parse("19:00.0")) << "a BMC's display has no place";
  EXPECT_EQ(matrix.devices.front().cpus.value_or({}).to_string(), "0-55,112-167");
  EXPECT_EQ(matrix.devices.front().node.value_or(-1), 0);
  EXPECT_EQ(matrix.devices.back().kind, WayMatrix::Kind::Nvme);
}

// The same way in both directions, and only a device itself is itself.
TEST(Ways, AreSymmetricOnEveryExample) {
  for (const char* name : {"8gpu-2socket", "epyc-nps4-8gpu", "hybrid-1gpu", "sparse-nodes-2gpu"}) {
    const WayMatrix matrix = assess_ways(example(name));
    ASSERT_EQ(matrix.ways.size(), matrix.devices.size());
    for (std::size_t row = 0; row < matrix.ways.size(); ++row) {
      ASSERT_EQ(matrix.ways[row].size(), matrix.devices.size());
      for (std::size_t column = 0; column < matrix.ways.size(); ++column) {
        EXPECT_EQ(matrix.ways[row][column], matrix.ways[column][row]) << name;
        EXPECT_EQ(matrix.ways[row][column] == Way::Itself, row == column) << name;
      }
    }
  }
}

// Who compares GPUs in prose and who does it in a word have one rule.
TEST(Ways, ADistanceHasOneWay) {
  for (const auto& [distance, way] :
       std::vector<std::pair<unsigned, Way>>{{kDirectlyLinked, Way::Xgmi},
                                             {kSameSwitch, Way::OneSwitch},
                                             {kSameRootPort, Way::Switches},
                                             {kSameRootComplex, Way::HostBridge},
                                             {kSameNode, Way::Node},
                                             {21, Way::Nodes},
                                             {kOtherNode, Way::Nodes},
                                             {kUnknownDistance, Way::Unknown}})
    EXPECT_EQ(way_of(distance), way) << distance;
}

}  // namespace
}  // namespace gpupass::ways_test
