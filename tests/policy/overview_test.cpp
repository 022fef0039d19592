// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/report.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace gpupass::overview_test {
namespace {

Host example() {
  return probe(*open_host(source_path("examples/hosts/8gpu-2socket.host")),
               {.parts = needs(Verb::Status), .named = {}});
}

PciFunction& function(Host& host, const char* address) {
  return *std::ranges::find(host.functions, *PciAddress::parse(address), &PciFunction::address);
}

std::vector<std::string> needs_of(const Overview& overview) {
  std::vector<std::string> ids;
  for (const Finding& finding : overview.needs) ids.push_back(finding.id);
  return ids;
}

const Fact<std::vector<Operation>> kNone = std::vector<Operation>();

TEST(Overview, SaysWhatToTypeNextForEachGpu) {
  const Overview now = overview(example(), kNone);
  EXPECT_EQ(now.ready, Answer::Yes);
  EXPECT_TRUE(now.needs.empty());
  ASSERT_EQ(now.gpus.size(), 9U);
  EXPECT_EQ(now.gpus.front().next, "gpupass give VM 0000:19:00.0");
  EXPECT_EQ(now.gpus.back().next, "gpupass check 0000:02:00.0") << "the host's screen is last";
}

TEST(Overview, WithoutAnIommuTheHostIsNotReady) {
  Host host = example();
  host.iommu = Iommu();
  const Overview now = overview(host, kNone);
  EXPECT_EQ(now.ready, Answer::No);
  EXPECT_THAT(needs_of(now), testing::ElementsAre("iommu.active"));
}

TEST(Overview, WhatIsNotKnownIsNotSaid) {
  Host host = example();
  host.iommu = Unknown{"hidden"};
  EXPECT_EQ(overview(host, kNone).ready, Answer::Unknown);
}

TEST(Overview, GpusInTroubleAreFirstAndNeedSomebody) {
  Host host = example();
  host.wedged = std::vector{*PciAddress::parse("0000:d4:00.0")};
  Operation interrupted;
  interrupted.id = "17-1";
  const Overview now = overview(host, std::vector{interrupted});
  EXPECT_EQ(now.gpus.front().assessment.device, DeviceId(*PciAddress::parse("0000:d4:00.0")));
  EXPECT_EQ(now.gpus.front().next, "reboot");
  EXPECT_THAT(needs_of(now), testing::UnorderedElementsAre("operation.interrupted", "gpu.wedged"));
}

TEST(Overview, AGpuThatLostItsDriverCanGoHome) {
  Host host = example();
  PciFunction& gpu = function(host, "0000:9a:00.0");
  gpu.driver = Absent{};
  host.homes = std::vector{Home{.address = gpu.address, .state = {"nvidia", ""}, .identity = {}}};
  const Overview now = overview(host, kNone);
  EXPECT_EQ(now.gpus.front().assessment.device, DeviceId(gpu.address));
  EXPECT_THAT(needs_of(now), testing::ElementsAre("gpu.unbound"));
  EXPECT_THAT(check(host, {gpu.address}), testing::Contains(testing::Field(&Finding::id, "gpu.unbound")));
}

TEST(GpusToCheck, LeavesTheHostsScreenOut) {
  const Selection selection = gpus_to_check(example());
  EXPECT_EQ(selection.gpus.size(), 8U);
  ASSERT_EQ(selection.passed_over.size(), 1U);
  EXPECT_EQ(selection.passed_over.front().id, "gpu.boot-display");
}

TEST(GpusToCheck, TheOnlyGpuIsCheckedThoughItShowsTheScreen) {
  Host host = example();
  std::erase_if(host.functions, [](const PciFunction& function) {
    return function.class_code && *function.class_code == 0x030200;
  });
  const Selection selection = gpus_to_check(host);
  EXPECT_EQ(selection.gpus, std::vector{*PciAddress::parse("0000:02:00.0")});
  EXPECT_TRUE(selection.passed_over.empty());
}

}  // namespace
}  // namespace gpupass::overview_test
