// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/journal.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "apply/machine.hpp"
#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"

namespace gpupass::journal_test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

Plan bind_plan(const FakeKernel& kernel) {
  Parts parts = Parts::everything();
  parts.cpus = false;
  return plan_bind(probe(kernel, {parts, {}}), {kGpu});
}

/// The process dies in its write number `number` into sysfs.
void die_in(FakeKernel& kernel, const Plan& plan, std::size_t number) {
  kernel.faults().crash(number);
  EXPECT_THROW(apply(kernel, plan), Crash);
  kernel.restore(kernel.state());
}

void append(FakeKernel& kernel, const std::string& text) {
  FakeState state = kernel.state();
  state.journal.begin()->second += text;
  kernel.restore(state);
}

TEST(Journal, TellsWhatWasDone) {
  const auto kernel = workstation();
  const Plan plan = bind_plan(*kernel);
  apply(*kernel, plan);
  const std::vector<Operation> operations = read_journal(*kernel);
  ASSERT_EQ(operations.size(), 1u);
  EXPECT_EQ(operations[0].plan, plan) << "lossless, undo and all";
  EXPECT_EQ(operations[0].outcome, Outcome::Done);
  EXPECT_EQ(operations[0].started, plan.steps.size());
  EXPECT_FALSE(needs_recovery(operations[0]));
  EXPECT_TRUE(plan_recovery(*kernel, operations[0]).steps.empty());
}

TEST(Journal, ALineThatWasCutOffIsNone) {
  const auto kernel = workstation();
  const Plan plan = bind_plan(*kernel);
  die_in(*kernel, plan, 4);
  const Operation whole = read_journal(*kernel).front();
  append(*kernel, "\n{\"record\":\"end\",\"outc");
  EXPECT_EQ(read_journal(*kernel).front(), whole);
  EXPECT_TRUE(needs_recovery(whole));
  EXPECT_EQ(recover(*kernel, whole).outcome, Outcome::Done);
  EXPECT_FALSE(needs_recovery(read_journal(*kernel).front())) << "the next line does not stick to it";
}

/// Replaces a part of the only operation's file.
void replace(FakeKernel& kernel, const std::string& part, const std::string& with) {
  FakeState state = kernel.state();
  std::string& text = state.journal.begin()->second;
  ASSERT_NE(text.find(part), text.npos) << part;
  text.replace(text.find(part), part.size(), with);
  kernel.restore(state);
}

Plan bare_gpu_plan(const FakeKernel& kernel) {
  Parts parts = Parts::everything();
  parts.cpus = false;
  return plan_bind(probe(kernel, {parts, {}}), {kBareGpu});
}

void expect_refusal(FakeKernel& kernel, const Plan& plan) {
  const FakeState before = kernel.state();
  try {
    apply(kernel, plan);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused) << error.what();
    EXPECT_THAT(error.what(), HasSubstr("cannot read /var/lib/gpupass/journal/"));
    EXPECT_THAT(error.hint(), HasSubstr("gpupass recover"));
  }
  EXPECT_EQ(kernel.state(), before);
}

TEST(Journal, OfANewerVersionBlocksOnlyItsSubjects) {
  const auto kernel = workstation();
  const Plan plan = bind_plan(*kernel), other = bare_gpu_plan(*kernel);
  die_in(*kernel, plan, 4);
  replace(*kernel, "\"format\":1", "\"format\":2");
  const std::vector<Operation> operations = read_journal(*kernel);
  ASSERT_EQ(operations.size(), 1u);
  EXPECT_THAT(operations[0].unreadable, HasSubstr("format: saw 2, expected 1"));
  EXPECT_EQ(interrupted_operations(*kernel), operations);
  EXPECT_THROW(plan_recovery(*kernel, operations[0]), Error);
  EXPECT_THROW(recover(*kernel, operations[0]), Error);
  expect_refusal(*kernel, bind_plan(*kernel));
  EXPECT_EQ(apply(*kernel, other).outcome, Outcome::Done);
}

TEST(Journal, OfANewerVersionNeedsNotBeReadWhenItIsOver) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = bind_plan(*kernel);
  apply(*kernel, plan);
  FakeState state = home;
  state.journal = kernel->state().journal;
  kernel->restore(state);
  replace(*kernel, "\"format\":1", "\"format\":2");
  ASSERT_EQ(read_journal(*kernel).size(), 1u);
  EXPECT_NE(read_journal(*kernel)[0].unreadable, "");
  EXPECT_THAT(interrupted_operations(*kernel), IsEmpty());
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
}

TEST(Journal, NamesWhatItConcernsWhereEveryVersionFindsIt) {
  const auto kernel = workstation();
  die_in(*kernel, bind_plan(*kernel), 4);
  EXPECT_THAT(kernel->state().journal.begin()->second,
              HasSubstr("\"record\":\"begin\",\"subjects\":[\"0000:65:00.0\",\"0000:65:00.1\"]"));
}

/// Its first line, where the subjects are, may be damaged as well.
TEST(Journal, ThatIsDamagedBlocksWhatItsTextNames) {
  const auto kernel = workstation();
  const Plan other = bare_gpu_plan(*kernel);
  die_in(*kernel, bind_plan(*kernel), 4);
  replace(*kernel, "{\"format\":1", "#\"format\":1");
  ASSERT_EQ(read_journal(*kernel).size(), 1u);
  EXPECT_THAT(read_journal(*kernel)[0].unreadable, HasSubstr("saw no beginning"));
  expect_refusal(*kernel, bind_plan(*kernel));
  EXPECT_EQ(apply(*kernel, other).outcome, Outcome::Done);
}

TEST(Journal, ThatIsDamagedBlocksTheGuestsThatItsTextNames) {
  const auto kernel = workstation();
  const auto definition = [](const std::string& name) {
    Plan plan;
    plan.steps = {{"define", "", SetDomain{name, "<domain type='kvm'><name>" + name + "</name></domain>"},
                   SetDomain{name, std::nullopt}}};
    return plan;
  };
  kernel->faults().crash(0, Faults::Effect::Full);
  EXPECT_THROW(apply(*kernel, definition("g\"1")), Crash);
  kernel->restore(kernel->state());
  append(*kernel, "\n{\"record\":\"a later record\"}\n");
  replace(*kernel, "\"subjects\":[", "\"subjects\":[7,");
  expect_refusal(*kernel, definition("g\"1"));
  EXPECT_EQ(apply(*kernel, definition("another")).outcome, Outcome::Done);
}

TEST(Journal, WithALaterFieldOrWithoutOneIsRead) {
  const auto kernel = workstation();
  die_in(*kernel, bind_plan(*kernel), 4);
  const Operation whole = read_journal(*kernel).front();
  replace(*kernel, "\"record\":\"begin\",", "\"record\":\"begin\",\"later\":{\"a\":1},");
  replace(*kernel, "\"kernel_chooses\":false", "\"later\":false");
  EXPECT_EQ(read_journal(*kernel).front(), whole);
  EXPECT_EQ(recover(*kernel, whole).outcome, Outcome::Done);
}

TEST(Journal, WithValuesWithinValuesOverAndOverIsUnreadable) {
  const auto kernel = workstation();
  die_in(*kernel, bind_plan(*kernel), 4);
  const std::string deep(200'000, '[');
  append(*kernel, "\n{\"record\":" + deep + std::string(200'000, ']') + "}\n");
  EXPECT_THAT(read_journal(*kernel).front().unreadable, HasSubstr("at most 64 levels"));
  EXPECT_EQ(interrupted_operations(*kernel).size(), 1u);
}

TEST(Journal, KeepsNoMoreThanTheLastHundred) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = bind_plan(*kernel);
  for (int count = 0; count < 130; ++count) {
    FakeState state = home;
    state.journal = kernel->state().journal;
    kernel->restore(state);
    apply(*kernel, plan);
  }
  EXPECT_EQ(read_journal(*kernel).size(), 100u);
}

/// A file system of its own has lost+found.
TEST(Journal, LeavesOutWhatItDidNotWrite) {
  const auto kernel = workstation();
  FakeState state = kernel->state();
  for (const char* name : {"lost+found", "notes", "1763738700123456-4711~", "-1", "1-"}) {
    state.journal[std::string("/var/lib/gpupass/journal/") + name] = "?";
    kernel->make_unreadable(std::string("/var/lib/gpupass/journal/") + name);
  }
  kernel->restore(state);
  EXPECT_THAT(interrupted_operations(*kernel), IsEmpty());
  EXPECT_EQ(apply(*kernel, bind_plan(*kernel)).outcome, Outcome::Done);
  EXPECT_EQ(read_journal(*kernel).size(), 1u);
}

TEST(Journal, WithAFileThatCannotBeReadShowsTheOthersAndSaysWhatToDo) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, bare_gpu_plan(*kernel)).outcome, Outcome::Done);
  FakeState state = kernel->state();
  const std::string path = "/var/lib/gpupass/journal/0000000000000001-1";
  state.journal[path] = "?";
  kernel->make_unreadable(path);
  kernel->restore(state);
  const std::vector<Operation> operations = read_journal(*kernel);
  ASSERT_EQ(operations.size(), 2u);
  EXPECT_THAT(operations[0].unreadable, HasSubstr("is damaged"));
  EXPECT_EQ(operations[1].unreadable, "");
  expect_refusal(*kernel, bind_plan(*kernel));
  try {
    plan_recovery(*kernel, operations[0]);
    FAIL() << "it cannot be read";
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), HasSubstr("remove " + path));
  }
}

/// The clock was in the future once: what comes later is no older for that.
TEST(Journal, KeepsTheOrderWhenTheClockIsSetBack) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = bind_plan(*kernel);
  FakeState future = home;
  for (int count = 0; count < 100; ++count)
    future.journal[fmt::format("/var/lib/gpupass/journal/{:016}-1.over", 2'050'000'000'000'000 + count)] =
        "{\"record\":\"end\",\"outcome\":\"done\"}\n";
  for (int count = 0; count < 3; ++count) {
    kernel->restore(future);
    apply(*kernel, plan);
    future.journal = kernel->state().journal;
  }
  std::size_t ours = 0;
  for (const auto& [path, text] : future.journal) ours += text.find("vfio-pci") != text.npos ? 1 : 0;
  EXPECT_EQ(ours, 3u);
  EXPECT_EQ(future.journal.size(), 100u);
}

/// The mark spares reading it again; a loss of power may take it back.
TEST(Journal, NeedsNoMarkOfWhatIsOver) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = bind_plan(*kernel);
  apply(*kernel, plan);
  const std::vector<Operation> operations = read_journal(*kernel);
  FakeState state = home;
  state.journal = kernel->state().journal;
  auto file = state.journal.extract(state.journal.begin());
  ASSERT_THAT(file.key(), EndsWith(".over"));
  file.key().resize(file.key().size() - 5);
  EXPECT_THAT(file.key(), EndsWith(operations.front().id));
  state.journal.insert(std::move(file));
  kernel->restore(state);
  EXPECT_EQ(read_journal(*kernel), operations);
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
}

/// The name may be on disk before the line is, where nothing of the operation lasts.
TEST(Journal, GoesByTheMarkWhereTheLastLineIsLost) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  apply(*kernel, bind_plan(*kernel));
  FakeState state = home;
  state.journal = kernel->state().journal;
  std::string& text = state.journal.begin()->second;
  text.resize(text.rfind("\n{\"record\":\"end\""));
  kernel->restore(state);
  EXPECT_THAT(interrupted_operations(*kernel), IsEmpty());
  EXPECT_EQ(read_journal(*kernel).front().outcome, Outcome::RolledBack);
  // Who comes late to its end adds a file that holds nothing else.
  state.journal[state.journal.begin()->first.substr(0, state.journal.begin()->first.size() - 5)] =
      "\n{\"record\":\"end\",\"outcome\":\"rolled-back\"}\n";
  kernel->restore(state);
  EXPECT_THAT(interrupted_operations(*kernel), IsEmpty());
  EXPECT_EQ(read_journal(*kernel).size(), 1u);
}

TEST(Recover, ComesBeforeAnyOtherChangeOfTheSameDevice) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = bind_plan(*kernel);
  die_in(*kernel, plan, 4);
  Parts parts = Parts::everything();
  parts.cpus = false;
  const Plan again = plan_bind(probe(*kernel, {parts, {}}), {kGpu});
  try {
    apply(*kernel, again);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_THAT(error.hint(), HasSubstr("gpupass recover"));
  }
  const Operation operation = read_journal(*kernel).front();
  EXPECT_FALSE(plan_recovery(*kernel, operation).steps.empty());
  recover(*kernel, operation);
  EXPECT_EQ(kernel->state(), home);
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
}

TEST(Recover, AfterARebootNothingOfABindIsLeft) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = bind_plan(*kernel);
  die_in(*kernel, plan, 4);
  kernel->reboot(home);
  EXPECT_TRUE(plan_recovery(*kernel, read_journal(*kernel).front()).steps.empty());
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done) << "and nobody need recover";
  for (const Operation& operation : read_journal(*kernel)) EXPECT_FALSE(needs_recovery(operation));
}

TEST(Recover, LooksForGuestsInTheirOwnLibvirt) {
  const auto kernel = workstation();
  Plan plan;
  const std::string xml = "<domain type='kvm'><name>new</name></domain>";
  plan.steps = {{"define guest new", "", SetDomain{"new", xml}, SetDomain{"new", std::nullopt}}};
  kernel->faults().crash(0, Faults::Effect::Full);
  kernel->name_hypervisor("test:///default");
  EXPECT_THROW(apply(*kernel, plan), Crash);
  kernel->restore(kernel->state());
  FakeState state = kernel->state();
  state.journal.begin()->second += "\n{\"record\":\"undo\"}\n";
  kernel->restore(state);
  kernel->name_hypervisor("qemu:///system");
  const Operation operation = read_journal(*kernel).front();
  EXPECT_THROW(plan_recovery(*kernel, operation), Error);
  EXPECT_THROW(recover(*kernel, operation), Error);
  EXPECT_TRUE(kernel->state().domains.contains("new")) << "here it may be another one";
}

TEST(Recover, LeavesAloneWhatGoesOn) {
  const auto kernel = workstation();
  const Plan plan = bind_plan(*kernel);
  die_in(*kernel, plan, 4);
  const auto lock = kernel->lock(kGpu.to_string());
  try {
    recover(*kernel, read_journal(*kernel).front());
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Busy);
  }
}

/// The last line is there, and then it cannot be flushed; the process dies while it undoes all that the line
/// calls done.
TEST(Recover, DoesNotTakeALastLineForTheEndThatCouldNotBeFlushed) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = bind_plan(*kernel);
  apply(*kernel, plan);
  const std::size_t writes = kernel->faults().count(), lines = kernel->journal_faults().count();
  kernel->restore(home);
  kernel->journal_faults().fail(lines - 1, EIO, Faults::Effect::Full);
  die_in(*kernel, plan, writes + 1);
  EXPECT_NE(kernel->state(), home);
  ASSERT_EQ(interrupted_operations(*kernel).size(), 1u);
  recover(*kernel, interrupted_operations(*kernel).front());
  EXPECT_EQ(kernel->state(), home);
}

TEST(Recover, LeavesAloneWhatHasWedgedMeanwhile) {
  const auto kernel = workstation();
  die_in(*kernel, bind_plan(*kernel), 4);
  const Operation operation = read_journal(*kernel).front();
  append(*kernel, "\n{\"record\":\"end\",\"outcome\":\"wedged\"}\n");
  kernel->hold_lock_of(kGpu);
  const FakeState before = kernel->state();
  try {
    recover(*kernel, operation);
    FAIL() << "it has wedged";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Wedged) << error.what();
  }
  EXPECT_EQ(kernel->state(), before);
}

TEST(Recover, UndoesOnlyTheStepsThatAnEndLeaves) {
  const auto kernel = workstation();
  die_in(*kernel, bind_plan(*kernel), 4);
  const std::size_t all = read_journal(*kernel).front().left.size();
  append(*kernel, "\n{\"record\":\"end\",\"outcome\":\"rollback-incomplete\"}\n");
  EXPECT_EQ(read_journal(*kernel).front().left.size(), all) << "an end that does not tell leaves all";
  append(*kernel, "\n{\"record\":\"end\",\"outcome\":\"rollback-incomplete\",\"left\":[1,4711]}\n");
  EXPECT_EQ(plan_left(read_journal(*kernel).front()).steps.size(), 1u);
  append(*kernel, "\n{\"record\":\"end\",\"outcome\":\"rollback-incomplete\",\"left\":[-1]}\n");
  EXPECT_THAT(read_journal(*kernel).front().unreadable, HasSubstr("left[0]: saw -1"));
  EXPECT_THROW(plan_recovery(*kernel, read_journal(*kernel).front()), Error);
}

TEST(Recover, LeavesAloneWhatAnotherHasRecovered) {
  const auto kernel = workstation();
  const Plan plan = bind_plan(*kernel);
  die_in(*kernel, plan, 4);
  const Operation operation = read_journal(*kernel).front();
  recover(*kernel, operation);
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
  const FakeState asked = kernel->state();
  EXPECT_EQ(recover(*kernel, operation).outcome, Outcome::Already);
  EXPECT_EQ(kernel->state(), asked) << "what was bound since stays bound";
}

TEST(Apply, OfAPlanThatWasCarriedOutIsAlready) {
  const auto kernel = workstation();
  const Plan plan = bind_plan(*kernel);
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
  const FakeState asked = kernel->state();
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Already);
  EXPECT_EQ(kernel->state(), asked);
}

TEST(Locks, OfTwoCardsAreApart) {
  const auto kernel = workstation();
  const auto lock = kernel->lock(kBareGpu.to_string());
  EXPECT_EQ(apply(*kernel, bind_plan(*kernel)).outcome, Outcome::Done);
}

}  // namespace
}  // namespace gpupass::journal_test
