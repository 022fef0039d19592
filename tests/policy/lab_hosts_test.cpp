// SPDX-License-Identifier: LGPL-2.1-or-later
// What the captures of the lab's hosts say: a real kernel, IOMMU and libvirt, emulated hardware.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "gpupass/capture.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/folders.hpp"

namespace gpupass::lab_hosts_test {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Host lab_host(const std::string& topology) {
  const std::string path = source_path("tests/hosts/lab-" + topology + ".host");
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return probe(*open_capture(text, path), {.parts = Parts::everything(), .named = {}});
}

PciAddress at(const char* address) {
  return *PciAddress::parse(address);
}

Isolation isolation_at(const Host& host, const char* address) {
  return isolation_of(host, *find_function(host, at(address)));
}

}  // namespace

TEST(LabSwitch, IsIsolatedForTheKernelButNotByAcs) {
  const Host host = lab_host("switch");
  for (const auto& [gpu, peer] :
       {std::pair("0000:23:00.0", "0000:24:00.0"), {"0000:24:00.0", "0000:23:00.0"}}) {
    const Isolation isolation = isolation_at(host, gpu);
    EXPECT_EQ(isolation.kernel, Answer::Yes) << gpu;
    EXPECT_EQ(isolation.acs, Answer::No) << gpu;
    EXPECT_THAT(isolation.peers, ElementsAre(at(peer)));
    EXPECT_THAT(isolation.merged_by, ElementsAre(at("0000:22:00.0"), at("0000:22:01.0")));
  }
}

TEST(LabAudio, TheCardIsItsGroupAndMovesAsOne) {
  const Host host = lab_host("audio");
  EXPECT_THAT(closure_of(host, at("21:00.0")), ElementsAre(at("21:00.0"), at("21:00.1")));
  EXPECT_EQ(isolation_at(host, "21:00.0").kernel, Answer::Yes);
  EXPECT_THAT(guards(host, at("21:00.0")), IsEmpty());
  EXPECT_EQ(nearest_numa_node(host, *find_function(host, at("41:00.0"))), Fact<int>(1));
}

TEST(LabAudio, ThePrimaryVgaStaysWithTheHost) {
  const Host host = lab_host("audio");
  ASSERT_FALSE(guards(host, at("00:01.0")).empty());
  EXPECT_EQ(guards(host, at("00:01.0")).front().id, "gpu.boot-display");
}

TEST(LabHosts, HaveTwoNodesAndTheirCpus) {
  for (const char* topology : {"audio", "switch"}) {
    const Host host = lab_host(topology);
    ASSERT_TRUE(host.numa_nodes);
    ASSERT_EQ(host.numa_nodes->size(), 2u);
    EXPECT_EQ(host.numa_nodes->front().cpus, *CpuSet::parse("0-3"));
    ASSERT_TRUE(host.cpus);
    EXPECT_EQ(host.cpus->cores.size(), 8u);
  }
}

}  // namespace gpupass::lab_hosts_test
