// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/laws.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/home_file.hpp"

namespace gpupass {

namespace {

using Effect = Faults::Effect;

constexpr int kErrors[] = {EBUSY, EINVAL, ENODEV, EIO, ENOSPC, EPERM};
constexpr Effect kEffects[] = {Effect::None, Effect::Full};

/// What the report claims must be so. It may call astray what only seems so: a write that failed and yet
/// worked.
Outcome expect_truth(const Report& report, const FakeState& before, const FakeState& after) {
  EXPECT_NE(report.changed, report.outcome == Outcome::RolledBack);
  if (!report.changed) {
    EXPECT_EQ(before, after);
  }
  return report.outcome;
}

/// The writes that the plan takes when nothing fails. Leaves the machine as asked.
std::size_t writes_of(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  kernel.restore(before);
  const Report report = apply(kernel, plan);
  ++tally.runs;
  EXPECT_EQ(expect_truth(report, before, kernel.state()), Outcome::Done);
  return kernel.faults().count();
}

void expect_records_of_what_is_astray(const FakeState& before, const FakeState& after) {
  for (const auto& [address, device] : before.devices)
    if (after.devices.at(address) != device) {
      EXPECT_TRUE(after.files.contains(home_path(*PciAddress::parse(address)))) << address;
    }
}

}  // namespace

void expect_as_found_whichever_write_fails(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  const std::size_t writes = writes_of(kernel, plan, tally);
  const FakeState asked = kernel.state();
  ++tally.plans;
  for (const int error : kErrors)
    for (const Effect effect : kEffects)
      for (std::size_t number = 0; number < writes; ++number) {
        kernel.restore(before);
        kernel.faults().fail(number, error, effect);
        const Report report = apply(kernel, plan);
        ++tally.runs;
        EXPECT_EQ(expect_truth(report, before, kernel.state()), Outcome::RolledBack);
        ASSERT_EQ(kernel.state(), before) << "write " << number << " fails with " << error;
      }
  kernel.restore(asked);
}

void expect_honesty_whichever_two_writes_fail(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  const std::size_t writes = writes_of(kernel, plan, tally);
  for (const Effect effect : kEffects)
    for (std::size_t first = 0; first < writes; ++first)
      for (std::size_t second = first + 1; second < 3 * writes; ++second) {
        kernel.restore(before);
        kernel.faults().fail(first, EIO, effect);
        kernel.faults().fail(second, EIO, effect);
        const Report report = apply(kernel, plan);
        ++tally.runs;
        expect_truth(report, before, kernel.state());
        expect_records_of_what_is_astray(before, kernel.state());
        ASSERT_FALSE(testing::Test::HasFailure()) << "writes " << first << " and " << second << " fail";
        if (kernel.faults().count() <= second) break;  // There was no second one to fail.
      }
  kernel.restore(before);
}

void expect_way_home_wherever_it_dies(FakeKernel& kernel, const Plan& plan, const Planner& release,
                                      const FakeState& home, Tally& tally) {
  const FakeState before = kernel.state();
  const std::size_t writes = writes_of(kernel, plan, tally);
  for (const Effect effect : kEffects)
    for (std::size_t number = 0; number < writes; ++number) {
      kernel.restore(before);
      kernel.faults().crash(number, effect);
      EXPECT_THROW(apply(kernel, plan), Crash);
      kernel.restore(kernel.state());
      apply(kernel, release(kernel));
      tally.runs += 2;
      ASSERT_EQ(kernel.state(), home) << "the process dies in write " << number;
    }
  kernel.restore(before);
}

}  // namespace gpupass
