// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"
#include "values/closure.hpp"

namespace gpupass::assess_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Assessment of(const Host& host, const char* at) {
  for (const Assessment& assessment : assess(host))
    if (assessment.device == address(at)) return assessment;
  ADD_FAILURE() << at << " is not assessed";
  return {};
}

Host one_gpu(void (*change)(PciFunction&)) {
  return HostBuilder().gpu("0000:65:00.0").with(change).group(5, {"0000:65:00.0"}).build();
}

TEST(Assess, ListsGpusAndWhatIsNamed) {
  const Host host = one_card().function("0000:70:00.0", 0x120000, "habanalabs").build();
  std::vector<PciAddress> found;
  for (const Assessment& assessment : assess(host, {address("64:00.0")}))
    found.push_back(*assessment.device.function());
  EXPECT_THAT(found,
              ElementsAre(address("03:00.0"), address("64:00.0"), address("65:00.0"), address("70:00.0")));
}

TEST(Assess, AGpuOfTheHostCanBeGivenAway) {
  const Assessment gpu = of(one_card().build(), "65:00.0");
  EXPECT_EQ(gpu.state, GpuState::Host);
  EXPECT_EQ(gpu.assignable, Answer::Yes);
  EXPECT_THAT(gpu.functions, ElementsAre(address("65:00.0"), address("65:00.1")));
  EXPECT_THAT(gpu.reasons, IsEmpty());
  EXPECT_FALSE(gpu.virtual_function);
}

TEST(Assess, TellsTheState) {
  EXPECT_EQ(of(one_gpu([](PciFunction& f) { f.driver = std::string("vfio-pci"); }), "65:00.0").state,
            GpuState::Vfio);
  EXPECT_EQ(
      of(one_gpu([](PciFunction& f) { f.driver = std::string("nvgrace_gpu_vfio_pci"); }), "65:00.0").state,
      GpuState::Vfio);
  EXPECT_EQ(of(one_gpu([](PciFunction& f) { f.driver = Absent{}; }), "65:00.0").state, GpuState::Unbound);
  EXPECT_EQ(of(one_gpu([](PciFunction& f) { f.driver = Unknown{"x"}; }), "65:00.0").state, GpuState::Unknown);
  EXPECT_EQ(of(one_gpu([](PciFunction& f) { f.sriov = Sriov{8, 4}; }), "65:00.0").state, GpuState::Sliced);
}

TEST(Assess, TellsWhichGuestHasItAndWhichWantIt) {
  const Host host = one_card()
                        .guest("guest1", {"0000:65:00.0", "0000:65:00.1"}, {"0000:65:00.0"})
                        .guest("guest2", {}, {"0000:65:00.0"})
                        .build();
  const Assessment gpu = of(host, "65:00.0");
  EXPECT_EQ(gpu.state, GpuState::Assigned);
  EXPECT_EQ(gpu.domain, "guest1");
  EXPECT_THAT(gpu.wanted_by, ElementsAre("guest1", "guest2"));
  EXPECT_EQ(gpu.assignable, Answer::No);
}

TEST(Assess, WithoutLibvirtNobodyHasIt) {
  const Assessment gpu = of(one_card().host([](Host& h) { h.domains = Absent{}; }).build(), "65:00.0");
  EXPECT_EQ(gpu.assignable, Answer::Yes);
  EXPECT_EQ(gpu.domain, "");
}

TEST(Assess, AGroupThatCannotBeToldIsNeitherYesNorNo) {
  const Assessment gpu = of(HostBuilder()
                                .gpu("0000:65:00.0")
                                .with([](PciFunction& f) { f.iommu_group = Unknown{"dangling"}; })
                                .build(),
                            "65:00.0");
  EXPECT_EQ(gpu.assignable, Answer::Unknown);
  EXPECT_THAT(gpu.reasons, testing::SizeIs(1));
}

TEST(Assess, WhatCertainlyForbidsOutweighsWhatIsUnknown) {
  const Assessment gpu = of(HostBuilder()
                                .vga("0000:65:00.0")
                                .with([](PciFunction& f) {
                                  f.iommu_group = Unknown{"dangling"};
                                  f.boot_vga = true;
                                })
                                .build(),
                            "65:00.0");
  EXPECT_EQ(gpu.assignable, Answer::No);
}

TEST(Assess, IsolationByAcsDoesNotChangeIt) {
  Host host = one_card().build();
  for (PciFunction& function : host.functions)
    if (function.config) function.config->acs = Absent{};
  EXPECT_EQ(of(host, "65:00.0").assignable, Answer::Yes);
}

TEST(Assess, AVirtualFunctionIsACardOfItsOwn) {
  const Host host = HostBuilder()
                        .gpu("0000:65:00.0")
                        .gpu("0000:65:00.1", "")
                        .virtual_function_of("0000:65:00.0")
                        .group(5, {"0000:65:00.0"})
                        .group(6, {"0000:65:00.1"})
                        .build();
  const Assessment vf = of(host, "65:00.1");
  EXPECT_TRUE(vf.virtual_function);
  EXPECT_THAT(vf.functions, ElementsAre(address("65:00.1")));
  EXPECT_EQ(vf.assignable, Answer::Yes);
}

/// Virtual functions without ACS come in such groups. What is found grows with the GPUs, not with their
/// square.
TEST(Assess, AVeryLargeGroupIsFoundAndTold) {
  constexpr std::uint32_t kGpus = 1000;
  Host host = HostBuilder().build();
  IommuGroup group;
  group.id = 1;
  for (std::uint32_t i = 0; i < kGpus; ++i) {
    PciFunction gpu = HostBuilder().vga("0000:01:00.0").build().functions.front();
    gpu.address = {i, 1, 0, 0};
    gpu.iommu_group = group.id;
    group.members.push_back(gpu.address);
    host.functions.push_back(gpu);
  }
  host.groups = std::vector<IommuGroup>{group};
  EXPECT_EQ(closure_of(host, group.members.front()).size(), kGpus);
  std::size_t findings = 0;
  const std::vector<Assessment> assessments = assess(host);
  for (const Assessment& gpu : assessments) findings += gpu.reasons.size();
  EXPECT_EQ(assessments.size(), kGpus);
  EXPECT_LE(findings, 20 * kGpus);
  EXPECT_THAT(assessments.front().reasons,
              testing::Contains(testing::Field(&Finding::message, testing::HasSubstr("are like these"))));
}

}  // namespace
}  // namespace gpupass::assess_test
