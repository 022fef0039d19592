// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace gpupass::readiness_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

Host example() {
  return probe(*open_host(source_path("examples/hosts/8gpu-2socket.host")),
               {.parts = needs(Verb::Check), .named = {}});
}

Readiness of(const Host& host) {
  const std::vector<PciAddress> gpus = gpus_to_check(host).gpus;
  return readiness(gpus, check(host, gpus));
}

PciFunction& gpu(Host& host) {
  return *std::ranges::find(host.functions, *PciAddress::parse("9a:00.0"), &PciFunction::address);
}

TEST(Readiness, OfAHealthyHostIsWhole) {
  EXPECT_EQ(of(example()), (Readiness{8, {}}));
}

TEST(Readiness, WithoutAnIommuNoneIsReady) {
  Host host = example();
  host.iommu = Iommu();
  EXPECT_THAT(of(host).obstacles, testing::AllOf(SizeIs(8), Each(Obstacle::Iommu)));
}

TEST(Readiness, ADriverThatHungIsHarderThanAUser) {
  Host host = example();
  host.users = std::vector<DeviceUser>{{gpu(host).address, "/dev/nvidia4", 4711, "python3"}};
  EXPECT_THAT(of(host).obstacles, ElementsAre(Obstacle::Use));
  host.wedged = std::vector{gpu(host).address};
  EXPECT_THAT(of(host).obstacles, ElementsAre(Obstacle::Reboot));
}

TEST(Readiness, AGpuInAGuestIsThere) {
  Host host = example();
  gpu(host).driver = std::string("vfio-pci");
  Domain guest;
  guest.name = "guest1";
  guest.active = guest.persistent = true;
  guest.live_devices = guest.persistent_devices = {gpu(host).address};
  host.domains = std::vector{guest};
  EXPECT_THAT(of(host).obstacles, ElementsAre(Obstacle::Guest));
}

TEST(Readiness, AFaultOfTheHostIsInTheWayOfAll) {
  const Host host = example();
  const std::vector<PciAddress> gpus = gpus_to_check(host).gpus;
  std::vector<Finding> findings = check(host, gpus);
  findings.push_back({"iommu.active", Verdict::Fail, "host", "none is active", ""});
  findings.push_back({"domain.group-split", Verdict::Fail, "guest1", "of a guest", ""});
  EXPECT_THAT(readiness(gpus, findings).obstacles, testing::AllOf(SizeIs(8), Each(Obstacle::Iommu)));
}

TEST(Readiness, WhatIsNotKnownIsNotReady) {
  Host host = example();
  for (PciFunction& function : host.functions) function.iommu_group = Unknown{"hidden"};
  EXPECT_THAT(of(host).obstacles, Each(Obstacle::Unknown));
  EXPECT_EQ(of(host).obstacles.size(), 8U);
}

TEST(Readiness, OfTheHostAloneCountsNoGpu) {
  EXPECT_EQ(readiness({}, check(example(), {})), (Readiness{0, {}}));
}

// What `list` says of a GPU, the sentence says.
TEST(Readiness, AgreesWithTheAssessment) {
  for (const char* name : {"8gpu-2socket", "epyc-nps4-8gpu", "hybrid-1gpu", "snc2-4gpu", "smt-off-2gpu"}) {
    const Host host = probe(*open_host(source_path("examples/hosts/" + std::string(name) + ".host")),
                            {.parts = needs(Verb::Check), .named = {}});
    const Selection selection = gpus_to_check(host);
    std::size_t assignable = 0;
    for (const Assessment& gpu : assess(host))
      if (gpu.assignable == Answer::Yes && std::ranges::count(selection.gpus, gpu.device) > 0) ++assignable;
    const Readiness ready = of(host);
    EXPECT_EQ(ready.gpus, selection.gpus.size()) << name;
    EXPECT_EQ(ready.gpus - ready.obstacles.size(), assignable) << name;
  }
}

}  // namespace
}  // namespace gpupass::readiness_test
