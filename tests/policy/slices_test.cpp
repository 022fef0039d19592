// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "policy/sliced_hosts.hpp"

namespace gpupass::slices_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

SliceAssessment assessed(const Host& host) {
  return assess_slices(host, {}).at(0);
}

TEST(AssessSlices, TellsTheVirtualFunctionsAndWhoHasThem) {
  const SliceAssessment gpu =
      assessed(cut("vfio-pci").guest("a", {"0000:65:00.2"}, {"0000:65:00.2"}).build());
  ASSERT_EQ(gpu.slices.size(), 2u);
  EXPECT_EQ(gpu.slices[0].in_use, Answer::No);
  EXPECT_EQ(gpu.slices[0].state, Fact<GpuState>(GpuState::Unbound));
  EXPECT_EQ(gpu.slices[1].in_use, Answer::Yes);
  EXPECT_EQ(gpu.slices[1].domain, "a");
  EXPECT_THAT(gpu.slices[1].wanted_by, ElementsAre("a"));
  ASSERT_EQ(gpu.types.size(), 1u);
  EXPECT_EQ(gpu.types[0].existing, Fact<unsigned>(2u));
  EXPECT_EQ(gpu.types[0].capacity, (Fact<SliceCapacity>(SliceCapacity{0, 2})));
  EXPECT_EQ(gpu.how, "");
}

TEST(AssessSlices, NothingIsMadeOfAGpuOnVfio) {
  const SliceAssessment gpu = assessed(whole("vfio-pci").build());
  EXPECT_EQ(gpu.types.at(0).capacity, (Fact<SliceCapacity>(SliceCapacity{0, 0})));
  EXPECT_THAT(gpu.how, HasSubstr("gpupass release 0000:65:00.0"));
}

void makes_one_a2(PciFunction& function) {
  function.slicing->mediated_types =
      std::vector<MediatedType>{{"nvidia-742", std::string("NVIDIA A2-1B"), Absent{}, std::string("vfio-pci"),
                                 1u, std::vector<std::string>()}};
}

/// Each virtual function has room for one, but all share the memory of the GPU.
TEST(AssessSlices, MediatedDevicesOfNeighboursHaveBounds) {
  Host host = cut("nvidia").build();
  makes_one_a2(host.functions[1]);
  makes_one_a2(host.functions[2]);
  const SliceAssessment gpu = assessed(host);
  ASSERT_EQ(gpu.types.size(), 2u);
  EXPECT_EQ(gpu.types[1].capacity, (Fact<SliceCapacity>(SliceCapacity{1, 2})));
  host.functions[2].slicing->mediated_types->front().available = Unknown{"no answer"};
  EXPECT_EQ(assessed(host).types.at(1).capacity, (Fact<SliceCapacity>(Unknown{"no answer"})));
  EXPECT_THAT(assessed(host).unknown,
              ElementsAre("available instances of nvidia-742 of 0000:65:00.2: no answer"));
}

TEST(AssessSlices, AMediatedDeviceHasItsGuest) {
  const std::string uuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";
  Host host = cut("nvidia").guest("a", {"0000:65:00.1"}, {}).build();
  makes_one_a2(host.functions[2]);
  host.functions[2].slicing->mediated_types->front().devices = std::vector<std::string>{uuid};
  host.domains->front().live_devices = {*DeviceId::parse(uuid)};
  const SliceAssessment gpu = assessed(host);
  ASSERT_EQ(gpu.slices.size(), 3u);
  EXPECT_EQ(gpu.slices[2].kind, SliceKind::Mediated);
  EXPECT_EQ(gpu.slices[2].parent, kSecondSlice);
  EXPECT_EQ(gpu.slices[2].domain, "a");
  EXPECT_EQ(gpu.types.at(1).existing, Fact<unsigned>(1u));
}

TEST(AssessSlices, VgpusOfNvidiasDriverHaveBounds) {
  Host host = cut("nvidia").build();
  for (const std::size_t index : {1u, 2u}) {
    host.functions[index].driver = std::string("nvidia");
    host.functions[index].vgpu_type = 0u;
    host.functions[index].slicing->creatable_vgpus = std::vector<VgpuType>{{1145, "NVIDIA L40S-1B"}};
  }
  EXPECT_EQ(assessed(host).types.at(1).capacity, (Fact<SliceCapacity>(SliceCapacity{1, 2})));
  host.functions[2].vgpu_type = 1150u;
  host.functions[2].slicing->creatable_vgpus = std::vector<VgpuType>();
  const SliceAssessment gpu = assessed(host);
  ASSERT_EQ(gpu.types.size(), 3u);
  EXPECT_EQ(gpu.types[1].capacity, (Fact<SliceCapacity>(SliceCapacity{1, 1})));
  EXPECT_EQ(gpu.types[2].type, "1150");
  EXPECT_EQ(gpu.types[2].existing, Fact<unsigned>(1u));
  EXPECT_TRUE(gpu.types[2].name.unknown());
  EXPECT_EQ(gpu.slices.back().kind, SliceKind::Vgpu);
  EXPECT_EQ(gpu.slices.back().type, "1150");
}

TEST(AssessSlices, WhatIsNotKnownIsNeverNone) {
  Host host = whole().build();
  host.functions.front().sriov = Unknown{"no answer"};
  host.functions.front().slicing->mediated_types = Unknown{"Permission denied"};
  EXPECT_THAT(assessed(host).unknown,
              UnorderedElementsAre("SR-IOV of 0000:65:00.0: no answer",
                                   "types of mediated devices of 0000:65:00.0: Permission denied"));
  EXPECT_THAT(assessed(one_card().build()).unknown, IsEmpty());
}

}  // namespace
}  // namespace gpupass::slices_test
