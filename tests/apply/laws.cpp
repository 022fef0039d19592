// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/laws.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/home_file.hpp"
#include "gpupass/journal.hpp"

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

/// What cannot be written down is not done.
void expect_as_found_whichever_line_fails(FakeKernel& kernel, const Plan& plan, const FakeState& before, Tally& tally) {
  kernel.restore(before);
  apply(kernel, plan);
  const std::size_t lines = kernel.journal_faults().count();
  for (const int error : kErrors)
    for (std::size_t number = 0; number < lines; ++number) {
      kernel.restore(before);
      kernel.journal_faults().fail(number, error);
      ++tally.runs;
      try {
        EXPECT_EQ(apply(kernel, plan).outcome, Outcome::RolledBack);
      } catch (const Error&) {  // Nothing was changed.
      }
      ASSERT_EQ(kernel.state(), before) << "line " << number << " of the journal fails with " << error;
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
  expect_as_found_whichever_line_fails(kernel, plan, before, tally);
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

namespace {

/// What is left to recover is recovered, and then nothing is.
void recover_all(FakeKernel& kernel) {
  for (const Operation& operation : read_journal(kernel))
    if (needs_recovery(operation)) recover(kernel, operation);
  for (const Operation& operation : read_journal(kernel)) EXPECT_FALSE(needs_recovery(operation));
}

/// After a loss of power in whatever state this is: nothing of the definitions is between.
void expect_definitions_after_reboot(FakeKernel& kernel, const FakeState& before, const FakeState& asked) {
  const FakeState now = kernel.state();
  kernel.reboot(before);
  recover_all(kernel);
  const auto definitions = [](const FakeState& state) {
    std::map<std::string, std::string> xml;
    for (const auto& [name, domain] : state.domains)
      if (domain.persistent) xml[name] = domain.persistent_xml;
    return xml;
  };
  const auto left = definitions(kernel.state());
  EXPECT_TRUE(left == definitions(before) || left == definitions(asked));
  kernel.restore(now);
}

void die(FakeKernel& kernel, const Plan& plan, const FakeState& before, const FakeState& asked, Tally& tally) {
  EXPECT_THROW(apply(kernel, plan), Crash);
  kernel.restore(kernel.state());  // Nothing fails any more.
  ++tally.kills;
  expect_definitions_after_reboot(kernel, before, asked);
  recover_all(kernel);
  EXPECT_TRUE(kernel.state() == before || kernel.state() == asked);
}

}  // namespace

void expect_as_found_or_asked_wherever_it_dies(FakeKernel& kernel, const Plan& plan, Tally& tally) {
  const FakeState before = kernel.state();
  kernel.restore(before);
  apply(kernel, plan);
  const std::size_t writes = kernel.faults().count(), lines = kernel.journal_faults().count();
  const FakeState asked = kernel.state();
  for (const Effect effect : kEffects) {
    for (std::size_t number = 0; number < writes; ++number) {
      kernel.restore(before);
      kernel.faults().crash(number, effect);
      die(kernel, plan, before, asked, tally);
      ASSERT_FALSE(testing::Test::HasFailure()) << "the process dies in write " << number;
    }
    for (std::size_t number = 0; number < lines; ++number) {
      kernel.restore(before);
      kernel.journal_faults().crash(number, effect);
      die(kernel, plan, before, asked, tally);
      ASSERT_FALSE(testing::Test::HasFailure()) << "the process dies in line " << number << " of the journal";
    }
  }
  kernel.restore(asked);
}

}  // namespace gpupass
