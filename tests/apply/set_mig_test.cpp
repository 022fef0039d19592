// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apply/machine.hpp"
#include "gpupass/apply.hpp"
#include "support/error_of.hpp"

namespace gpupass::set_mig_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::unique_ptr<FakeKernel> for_mig() {
  auto kernel = machine_with({{.address = "0000:65:00.0", .driver = "nvidia", .group = 12}});
  kernel->offer_mig(kGpu);
  return kernel;
}

Plan mode(bool on) {
  return {{}, {{"switch it", "", SetMigMode{kGpu, on}, SetMigMode{kGpu, !on}}}, {}};
}

Plan instance(unsigned profile_id, unsigned start, unsigned size, bool present = true) {
  const SetMigInstance change{kGpu, "profile", profile_id, start, size, {{0, size}}, present};
  SetMigInstance undo = change;
  undo.present = !present;
  return {{}, {{"make it", "", change, undo}}, {}};
}

TEST(SetMigMode, IsSwitchedOnAndOff) {
  const auto kernel = for_mig();
  EXPECT_EQ(apply(*kernel, mode(true)).outcome, Outcome::Done);
  EXPECT_EQ(apply(*kernel, mode(true)).outcome, Outcome::Already);
  EXPECT_TRUE(kernel->device(kGpu).mig);
  EXPECT_EQ(apply(*kernel, mode(false)).outcome, Outcome::Done);
  EXPECT_FALSE(kernel->device(kGpu).mig);
}

TEST(SetMigMode, OfAGpuWithoutMigIsAnErrorBeforeAnyWrite) {
  const auto kernel = machine_with({{.address = "0000:65:00.0", .driver = "nvidia", .group = 12}});
  EXPECT_THAT(error_of([&] { apply(*kernel, mode(true)); }).what(),
              HasSubstr("saw none, expected on or off"));
  EXPECT_THAT(kernel->log(), IsEmpty());
}

TEST(SetMigMode, OfAGpuThatSomebodyHasOpenStays) {
  const auto kernel = for_mig();
  kernel->add_service("dcgm.service", kGpu);
  const FakeState before = kernel->state();
  EXPECT_EQ(apply(*kernel, mode(true)).outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), before);
}

TEST(SetMigInstance, IsMadeWithItsComputeInstanceAndRemoved) {
  const auto kernel = for_mig();
  apply(*kernel, mode(true));
  const FakeState before = kernel->state();
  EXPECT_EQ(apply(*kernel, instance(9, 4, 4)).outcome, Outcome::Done);
  EXPECT_EQ(apply(*kernel, instance(9, 4, 4)).outcome, Outcome::Already);
  EXPECT_THAT(kernel->device(kGpu).mig_instances.at(4).compute, ElementsAre(MigSpan{0, 4}));
  EXPECT_EQ(apply(*kernel, instance(9, 4, 4, false)).outcome, Outcome::Done);
  EXPECT_EQ(apply(*kernel, instance(9, 4, 4, false)).outcome, Outcome::Already);
  EXPECT_EQ(kernel->state(), before);
}

/// A gpupass that died between the two leaves a GPU instance that no program can use.
TEST(SetMigInstance, WithoutItsComputeInstanceGetsIt) {
  const auto kernel = for_mig();
  apply(*kernel, mode(true));
  FakeState half = kernel->state();
  half.devices.at(kGpu.to_string()).mig_instances[4] = {9, 4, {}};
  kernel->restore(half);
  EXPECT_EQ(apply(*kernel, instance(9, 4, 4)).outcome, Outcome::Done);
  EXPECT_THAT(kernel->device(kGpu).mig_instances.at(4).compute, ElementsAre(MigSpan{0, 4}));
}

/// Somebody made another instance there since the plan was made: it stays.
TEST(SetMigInstance, WhereAnotherIsIsRefusedByTheDriver) {
  const auto kernel = for_mig();
  apply(*kernel, mode(true));
  apply(*kernel, instance(14, 4, 2));
  const FakeState before = kernel->state();
  EXPECT_EQ(apply(*kernel, instance(9, 4, 4)).outcome, Outcome::RolledBack);
  EXPECT_EQ(apply(*kernel, instance(9, 4, 4, false)).outcome, Outcome::Already);
  EXPECT_EQ(kernel->state(), before);
}

TEST(SetMigInstance, OnWhichAProcessComputesStays) {
  const auto kernel = for_mig();
  apply(*kernel, mode(true));
  apply(*kernel, instance(14, 4, 2));
  kernel->compute_on_mig(kGpu);
  const FakeState before = kernel->state();
  EXPECT_EQ(apply(*kernel, instance(14, 4, 2, false)).outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), before);
}

}  // namespace
}  // namespace gpupass::set_mig_test
