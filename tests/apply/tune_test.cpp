// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apply/tunable_host.hpp"
#include "gpupass/policy.hpp"
#include "support/error_of.hpp"

namespace gpupass::tune_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string value_of(const FakeKernel& kernel, const Tunable& tunable) {
  return kernel.read(path_of(tunable)).value_or("");
}

Outcome start(FakeKernel& kernel, const std::string& guest, PciAddress gpu, const std::string& cpus) {
  return apply(kernel, plan_guest_tuning(look_at_tunables(kernel), guest, tuned_guest(guest, gpu, cpus)))
      .outcome;
}

Outcome end(FakeKernel& kernel, const std::string& guest) {
  return apply(kernel, plan_guest_tuning_end(look_at_tunables(kernel), guest)).outcome;
}

std::vector<Tuning> kinds_in(const Plan& plan) {
  std::vector<Tuning> kinds;
  for (const Step& step : plan.steps)
    if (const auto* set = std::get_if<SetTunable>(&step.change)) kinds.push_back(set->tunable.kind);
  return kinds;
}

TEST(Tune, EachKindIsSetForTheCpusOfTheGuestAlone) {
  const auto kernel = tunable_host();
  EXPECT_EQ(start(*kernel, "one", kBareGpu, "2-3"), Outcome::Done);
  EXPECT_EQ(value_of(*kernel, kPolicy0), "powersave");
  EXPECT_EQ(value_of(*kernel, kPolicy2), "performance");
  EXPECT_EQ(value_of(*kernel, kKsm), "0");
  EXPECT_EQ(value_of(*kernel, kBalancing), "0");
  EXPECT_EQ(value_of(*kernel, kInterrupt42), "2-3");
  EXPECT_EQ(value_of(*kernel, kInterrupt40), "0-3");
  EXPECT_EQ(value_of(*kernel, kSystem), "0-1");
  EXPECT_EQ(value_of(*kernel, kUser), "0");  // What the user keeps it to, without those of the guest.
}

TEST(Tune, NothingThatIsNotDeclaredIsTouched) {
  const auto kernel = tunable_host({Tuning::Ksm});
  const Plan plan = plan_guest_tuning(look_at_tunables(*kernel), "one", tuned_guest("one", kGpu, "0-1"));
  EXPECT_THAT(kinds_in(plan), ElementsAre(Tuning::Ksm));
  EXPECT_TRUE(plan_guest_tuning(look_at_tunables(*tunable_host({})), "one", tuned_guest("one", kGpu, "0"))
                  .steps.empty());
}

TEST(Tune, AGuestWithoutAGpuChangesNothing) {
  const auto kernel = tunable_host();
  const std::string xml = "<domain type='kvm'><name>one</name><vcpu cpuset='1'>1</vcpu></domain>";
  EXPECT_TRUE(plan_guest_tuning(look_at_tunables(*kernel), "one", xml).steps.empty());
}

TEST(Tune, ASecondTimeChangesNothing) {
  const auto kernel = tunable_host();
  start(*kernel, "one", kGpu, "0-1");
  EXPECT_EQ(start(*kernel, "one", kGpu, "0-1"), Outcome::Already);
}

TEST(Tune, WhatTheLastGuestNeedsStaysUntilItEnds) {
  const auto kernel = tunable_host();
  const FakeState home = kernel->state();
  start(*kernel, "one", kGpu, "1");
  start(*kernel, "two", kBareGpu, "2");
  EXPECT_EQ(value_of(*kernel, kSystem), "0,3");
  EXPECT_EQ(end(*kernel, "one"), Outcome::Done);
  EXPECT_EQ(value_of(*kernel, kSystem), "0-1,3");
  EXPECT_EQ(value_of(*kernel, kBalancing), "0");
  EXPECT_EQ(value_of(*kernel, kPolicy0), "powersave");
  EXPECT_EQ(value_of(*kernel, kPolicy2), "performance");
  EXPECT_EQ(end(*kernel, "two"), Outcome::Done);
  EXPECT_EQ(kernel->state(), home);
}

/// Interrupts come to the guest's CPUs near the device, where it has any.
TEST(Tune, InterruptsComeToTheNodeOfTheirDevice) {
  const auto kernel = tunable_host();
  start(*kernel, "one", kBareGpu, "1-2");
  EXPECT_EQ(value_of(*kernel, kInterrupt42), "2");
  end(*kernel, "one");
  start(*kernel, "one", kBareGpu, "1");
  EXPECT_EQ(value_of(*kernel, kInterrupt42), "1");
}

TEST(Tune, WhatSomebodySetsMeanwhileIsWhatItGoesBackTo) {
  const auto kernel = tunable_host();
  start(*kernel, "one", kGpu, "0-1");
  kernel->meddle_with_tunable(path_of(kKsm), "2");
  kernel->meddle_with_tunable(path_of(kPolicy2), "performance");  // No guest's.
  end(*kernel, "one");
  EXPECT_EQ(value_of(*kernel, kKsm), "2");
  EXPECT_EQ(value_of(*kernel, kPolicy2), "performance");
  EXPECT_EQ(value_of(*kernel, kBalancing), "1");
}

TEST(Tune, AnInterruptThatSomebodyMovedIsMovedBack) {
  const auto kernel = tunable_host();
  start(*kernel, "one", kGpu, "0-1");
  kernel->meddle_with_tunable(path_of(kInterrupt40), "3");
  const Plan plan = plan_guest_tuning(look_at_tunables(*kernel), "one", tuned_guest("one", kGpu, "0-1"));
  EXPECT_THAT(kinds_in(plan), ElementsAre(Tuning::Interrupts));
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
  EXPECT_EQ(value_of(*kernel, kInterrupt40), "0-1");
}

/// The driver of the guest gives an interrupt back at any time.
TEST(Tune, AnInterruptThatIsGoneIsNoFailure) {
  const auto kernel = tunable_host();
  const SetTunable change{{Tuning::Interrupts, "99"}, "0"};
  EXPECT_EQ(apply(*kernel, Plan{{}, {{"set", "", change, change}}, {}}).outcome, Outcome::Already);
}

TEST(Tune, ASetOfAllCpusIsNone) {
  for (const char* all : {"", "0-3", "0-7"}) EXPECT_EQ(allowed_cpus(all, "0-3"), "") << all;
  EXPECT_EQ(allowed_cpus("0-2", "0-3"), "0-2");
  EXPECT_EQ(allowed_cpus("0-3", ""), "0-3");  // It is not known which are online.
}

TEST(Tune, ServicesKeepTheirCpusWhereGuestsHaveAll) {
  const auto kernel = tunable_host();
  const Plan plan = plan_guest_tuning(look_at_tunables(*kernel), "one", tuned_guest("one", kGpu, "0-3"));
  EXPECT_THAT(plan.notes, testing::Contains(HasSubstr("system.slice stays on all its CPUs")));
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
  EXPECT_EQ(value_of(*kernel, kSystem), "");
}

TEST(Tune, TakesTheGuestsThatRunFromLibvirt) {
  const auto kernel = tunable_host();
  const FakeState home = kernel->state();
  kernel->fake_hypervisor().define("one", tuned_guest("one", kGpu, "0-1"));
  kernel->fake_hypervisor().start("one");
  EXPECT_EQ(apply(*kernel, plan_tune(look_at_tunables(*kernel))).outcome, Outcome::Done);
  EXPECT_EQ(value_of(*kernel, kPolicy0), "performance");
  EXPECT_EQ(apply(*kernel, plan_tune(look_at_tunables(*kernel))).outcome, Outcome::Already);
  kernel->fake_hypervisor().destroy("one");  // As when QEMU dies while the hook is missing.
  EXPECT_EQ(apply(*kernel, plan_tune(look_at_tunables(*kernel))).outcome, Outcome::Done);
  FakeState then = kernel->state();
  then.domains = home.domains;
  EXPECT_EQ(then, home);
}

TEST(Tune, AllIsTakenBack) {
  const auto kernel = tunable_host();
  const FakeState home = kernel->state();
  start(*kernel, "one", kGpu, "1");
  EXPECT_EQ(apply(*kernel, plan_tune_undo(look_at_tunables(*kernel))).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state(), home);
}

TEST(Tune, TheNextBootForgetsIt) {
  const auto kernel = tunable_host();
  const FakeState home = kernel->state();
  start(*kernel, "one", kGpu, "1");
  kernel->reboot(home);
  EXPECT_TRUE(look_at_tunables(*kernel).tuned.absent());
  EXPECT_EQ(kernel->state(), home);
}

/// A record that somebody has damaged decides nothing.
TEST(Tune, ADamagedRecordIsRefused) {
  const auto kernel = tunable_host();
  Host host = look_at_tunables(*kernel);
  host.tuned = Unknown{"it is damaged"};
  EXPECT_THAT(error_of([&] { plan_tune_undo(host); }).what(), HasSubstr("it is damaged"));
  EXPECT_THROW(parse_tuned_file(R"({"format":1,"tuned":{"guests":[],"settings":[
      {"tunable":{"kind":"governor","name":"../../x"},"found":"powersave","set":"performance"}]}})"),
               Error);
}

TEST(SetTunable, RefusesNamesThatWouldBecomeOtherPaths) {
  const auto kernel = tunable_host();
  for (const SetTunable& change :
       {SetTunable{{Tuning::Governor, "../x"}, "performance"},
        SetTunable{{Tuning::Interrupts, "4/../5"}, "0"}, SetTunable{{Tuning::Services, "ssh.service"}, "0"},
        SetTunable{{Tuning::Governor, "policy0"}, "a b"}, SetTunable{{Tuning::Ksm, "x"}, "0"},
        SetTunable{{Tuning::NumaBalancing, ""}, "on"}})
    EXPECT_THROW(apply(*kernel, Plan{{}, {{"set", "", change, change}}, {}}), Error) << change.tunable.name;
}

TEST(SetTunable, AValueThatTheKernelRefusesIsAFailure) {
  const auto kernel = tunable_host();
  const FakeState before = kernel->state();
  const SetTunable change{kPolicy0, "schedutil"};
  EXPECT_EQ(apply(*kernel, Plan{{}, {{"set", "", change, SetTunable{kPolicy0, "powersave"}}}, {}}).outcome,
            Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), before);
}

}  // namespace
}  // namespace gpupass::tune_test
