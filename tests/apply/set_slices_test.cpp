// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apply/machine.hpp"
#include "gpupass/apply.hpp"
#include "support/error_of.hpp"

namespace gpupass::set_slices_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const DeviceId kMediated = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40");
constexpr const char* kCurrent = "/sys/bus/pci/devices/0000:65:00.1/nvidia/current_vgpu_type";

std::unique_ptr<FakeKernel> for_vgpus() {
  auto kernel = machine_with(
      {{.address = "0000:65:00.0", .driver = "nvidia", .group = 12, .total_vfs = 1, .vfs = 1},
       {.address = "0000:65:00.1", .driver = "nvidia", .group = 21, .virtual_of = "0000:65:00.0"}});
  kernel->offer_slices(kGpu,
                       {FakeSlices::Kind::Vgpus, {{"1145", "NVIDIA L40S-1B"}, {"1150", "NVIDIA L40S-2B"}}});
  return kernel;
}

std::unique_ptr<FakeKernel> for_mediated() {
  auto kernel = machine_with({{.address = "0000:65:00.0", .driver = "nvidia", .group = 12}});
  kernel->offer_slices(kGpu, {FakeSlices::Kind::Mediated, {{"nvidia-222", "GRID T4-1B"}}, 1});
  kernel->install_mdevctl();
  return kernel;
}

Plan type(unsigned before, unsigned after) {
  return {{}, {{"type it", "", SetVgpuType{kAudio, after}, SetVgpuType{kAudio, before}}}, {}};
}

Plan make(bool present) {
  return {{},
          {{"make it", "", SetMediatedDevice{kMediated, kGpu, "nvidia-222", present},
            SetMediatedDevice{kMediated, kGpu, "nvidia-222", !present}}},
          {}};
}

Plan keep(std::optional<bool> before, std::optional<bool> after) {
  return {{},
          {{"keep it", "", SetMediatedDefinition{kMediated, kGpu, "nvidia-222", after},
            SetMediatedDefinition{kMediated, kGpu, "nvidia-222", before}}},
          {}};
}

/// The driver refuses another type where there is one.
TEST(SetVgpuType, GoesThroughNone) {
  const auto kernel = for_vgpus();
  EXPECT_EQ(apply(*kernel, type(0, 1145)).outcome, Outcome::Done);
  EXPECT_EQ(apply(*kernel, type(1145, 1150)).outcome, Outcome::Done);
  EXPECT_EQ(kernel->device(kAudio).vgpu, 1150u);
  const std::string path = kCurrent;
  EXPECT_THAT(kernel->log(), testing::Contains(path + " = 0"));
}

TEST(SetVgpuType, CostsNoWriteWhereItIsAsWanted) {
  const auto kernel = for_vgpus();
  EXPECT_EQ(apply(*kernel, type(0, 0)).outcome, Outcome::Already);
}

/// After its guest has ended, the driver may have taken the vGPU away by itself: then it refuses 0.
TEST(SetVgpuType, AZeroThatIsRefusedBecauseItIsThereAlreadyIsSuccess) {
  const auto kernel = for_vgpus();
  ASSERT_EQ(kernel->react(kCurrent, "1145"), 0);
  kernel->faults().fail(0, EPERM, Faults::Effect::Full);
  EXPECT_EQ(apply(*kernel, type(1145, 0)).outcome, Outcome::Done);
  EXPECT_EQ(kernel->device(kAudio).vgpu, 0u);
}

TEST(SetVgpuType, ATypeWithoutRoomLeavesAllAsFound) {
  const auto kernel = for_vgpus();
  kernel->offer_slices(kGpu, {FakeSlices::Kind::Vgpus, {{"1145", "NVIDIA L40S-1B", 2}}});
  const FakeState before = kernel->state();
  EXPECT_EQ(apply(*kernel, type(0, 1145)).outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), before);
}

TEST(SetMediatedDevice, IsMadeAndRemoved) {
  const auto kernel = for_mediated();
  const FakeState before = kernel->state();
  EXPECT_EQ(apply(*kernel, make(true)).outcome, Outcome::Done);
  EXPECT_EQ(apply(*kernel, make(true)).outcome, Outcome::Already);
  EXPECT_EQ(kernel->device(kGpu).mediated.at(kMediated.to_string()), "nvidia-222");
  EXPECT_EQ(apply(*kernel, make(false)).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state(), before);
}

TEST(SetMediatedDevice, OneOfAnotherTypeStays) {
  const auto kernel = for_mediated();
  ASSERT_EQ(apply(*kernel, make(true)).outcome, Outcome::Done);
  const Plan other{{},
                   {{"", "", SetMediatedDevice{kMediated, kGpu, "nvidia-223", false},
                     SetMediatedDevice{kMediated, kGpu, "nvidia-223", true}}},
                   {}};
  EXPECT_THAT(error_of([&] { apply(*kernel, other); }).what(),
              HasSubstr("saw one of type nvidia-222, expected one of type nvidia-223"));
}

/// A plan may come from a file, and these become parts of paths.
TEST(SetMediatedDevice, NamesThatAreNoneAreRefused) {
  const auto kernel = for_mediated();
  for (const char* name : {"", "../x", "a/b", ".", "a b"}) {
    const Plan plan{{}, {{"", "", SetMediatedDevice{kMediated, kGpu, name, true}, std::nullopt}}, {}};
    EXPECT_EQ(error_of([&] { apply(*kernel, plan); }).code(), ErrorCode::Malformed) << name;
  }
  const Plan function{{}, {{"", "", SetMediatedDevice{kGpu, kGpu, "a", true}, std::nullopt}}, {}};
  EXPECT_EQ(error_of([&] { apply(*kernel, function); }).code(), ErrorCode::Malformed);
}

TEST(SetMediatedDefinition, IsKeptForBootsOrNotAndForgotten) {
  const auto kernel = for_mediated();
  const FakeState before = kernel->state();
  EXPECT_EQ(apply(*kernel, keep(std::nullopt, true)).outcome, Outcome::Done);
  EXPECT_EQ(apply(*kernel, keep(std::nullopt, true)).outcome, Outcome::Already);
  EXPECT_TRUE(kernel->device(kGpu).mediated.empty());
  EXPECT_EQ(apply(*kernel, keep(true, false)).outcome, Outcome::Done);
  EXPECT_EQ(apply(*kernel, keep(false, std::nullopt)).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state(), before);
}

}  // namespace
}  // namespace gpupass::set_slices_test
