// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/apply.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "apply/machine.hpp"
#include "apply/plans.hpp"
#include "codec/home_file.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/probe.hpp"
#include "render/text/report.hpp"

namespace gpupass::apply_test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> results(const Report& report) {
  std::vector<std::string> all;
  for (const StepResult& step : report.steps) all.push_back(words_for(step));
  return all;
}

ErrorCode refusal(FakeKernel& kernel, const Plan& plan, std::string* message = nullptr) {
  const FakeState before = kernel.state();
  try {
    apply(kernel, plan);
  } catch (const Error& error) {
    EXPECT_EQ(kernel.state(), before);
    EXPECT_THAT(kernel.log(), IsEmpty());
    if (message) *message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "was not refused";
  return ErrorCode::System;
}

TEST(Apply, BringsAClosureToVfio) {
  const auto kernel = workstation();
  const Report report = apply(*kernel, bind_by_hand(*kernel, {kGpu, kAudio}));
  EXPECT_EQ(report.outcome, Outcome::Done);
  EXPECT_TRUE(report.changed);
  EXPECT_THAT(results(report), Each("done"));
  for (const PciAddress& device : {kGpu, kAudio})
    EXPECT_EQ(state_of(*kernel, device), (DriverState{"vfio-pci", "vfio-pci"}));
  EXPECT_EQ(parse_home_file(kAudio, kernel->state().files.at("/run/gpupass/home/0000:65:00.1")),
            (Home{kAudio, {"snd_hda_intel", ""}, {0x10de, 0x20b0}}));
}

TEST(Apply, RecordsEveryHomeBeforeItTouchesADevice) {
  const auto kernel = workstation();
  apply(*kernel, bind_by_hand(*kernel, {kGpu, kAudio}));
  ASSERT_GE(kernel->log().size(), 3u);
  EXPECT_THAT(kernel->log()[0], StartsWith("/run/gpupass/home/0000:65:00.0 = "));
  EXPECT_THAT(kernel->log()[1], StartsWith("/run/gpupass/home/0000:65:00.1 = "));
  EXPECT_THAT(kernel->log()[2], HasSubstr("driver_override"));
}

TEST(Apply, WithoutStepsHasNothingToDo) {
  const auto kernel = workstation();
  kernel->hold_lock();
  EXPECT_EQ(apply(*kernel, {}), (Report{Outcome::Already, false, {}}));
}

TEST(Apply, TellsEachStepBeforeItIsDone) {
  const auto kernel = workstation();
  const Plan plan = bind_by_hand(*kernel, {kGpu});
  std::vector<std::string> told;
  apply(*kernel, plan, [&](const Event& event) {
    if (event.kind != Event::Kind::Begun) return Go::On;
    EXPECT_LE(kernel->faults().count(), told.size() + 1);
    told.push_back(event.summary);
    return Go::On;
  });
  EXPECT_THAT(told, ElementsAre("record the home of 0000:65:00.0", "reserve 0000:65:00.0",
                                "unbind 0000:65:00.0", "bind 0000:65:00.0"));
}

TEST(Apply, UndoesEverythingInReverseWhenAStepFails) {
  const auto kernel = workstation();
  const FakeState before = kernel->state();
  const Plan plan = bind_by_hand(*kernel, {kGpu, kAudio});
  kernel->refuse_probe("vfio-pci", kAudio, EBUSY);
  const Report report = apply(*kernel, plan);
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_FALSE(report.changed);
  EXPECT_EQ(kernel->state(), before);
  EXPECT_EQ(words_for(report.steps.back()),
            "failed: cannot write /sys/bus/pci/drivers/vfio-pci/bind: Device or resource busy");
  EXPECT_EQ(words_for(report.steps.front()), "undone");
  EXPECT_EQ(kernel->log().back(), "/run/gpupass/home/0000:65:00.0 removed");
}

TEST(Apply, NamesTheStepsThatWereNotReached) {
  const auto kernel = workstation();
  const Plan plan = bind_by_hand(*kernel, {kGpu});
  kernel->faults().fail(1, EPERM);
  EXPECT_THAT(results(apply(*kernel, plan)),
              ElementsAre("undone", StartsWith("failed: "), "not reached", "not reached"));
}

TEST(Apply, UndoesAllWhereADriverIsMissing) {
  const auto kernel = workstation();
  kernel->uninstall_driver("vfio-pci");
  const FakeState before = kernel->state();
  const Report report = apply(*kernel, bind_by_hand(*kernel, {kGpu}));
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), before);
}

// --- refusals ---

TEST(Apply, IsRefusedWhileAnotherHoldsTheLock) {
  const auto kernel = workstation();
  const Plan plan = bind_by_hand(*kernel, {kGpu});
  kernel->hold_lock();
  EXPECT_EQ(refusal(*kernel, plan), ErrorCode::Busy);
}

TEST(Apply, RefusesAStalePlan) {
  const auto kernel = workstation();
  const Plan plan = bind_by_hand(*kernel, {kGpu});
  kernel->meddle(kGpu, {"nouveau", ""});
  try {
    apply(*kernel, plan);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_EQ(error.subject(), "/sys/bus/pci/devices/0000:65:00.0/driver");
    EXPECT_THAT(error.what(), HasSubstr("saw nouveau, expected nvidia"));
  }
  EXPECT_THAT(kernel->log(), IsEmpty());
}

TEST(Apply, VerifiesLinksAttributesAndDomains) {
  const auto kernel = workstation();
  kernel->fake_hypervisor().add("guest1");
  const DomainXml guest = *kernel->fake_hypervisor().domain("guest1");
  const std::string gpu = "/sys/bus/pci/devices/0000:65:00.0";
  const std::vector<Assumption> right{
      {Assumption::Kind::Link, gpu + "/driver", "nvidia"},
      {Assumption::Kind::Link, "/sys/bus/pci/devices/0000:b3:00.0/driver", ""},
      {Assumption::Kind::Link, gpu + "/iommu_group", "12"},
      {Assumption::Kind::Attribute, gpu + "/vendor", "0x10de"},
      {Assumption::Kind::Attribute, gpu + "/driver_override", "(null)"},
      {Assumption::Kind::Domain, "guest1", fingerprint(&guest)},
      {Assumption::Kind::Domain, "guest2", "absent"}};
  Plan plan{right, {driver_step("reserve", kGpu, {"nvidia", ""}, {"nvidia", "vfio-pci"})}, {}};
  for (std::size_t index = 0; index < right.size(); ++index) {
    plan.assumes = right;
    plan.assumes[index].expected += "x";
    EXPECT_EQ(refusal(*kernel, plan), ErrorCode::Busy) << right[index].subject;
  }
  plan.assumes = right;
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
}

TEST(Apply, ThrowsWhatFailsBeforeTheFirstWrite) {
  const auto kernel = workstation();
  kernel->fake_hypervisor().break_down();
  const Plan plan{{}, {{"start guest1", "", SetPower{"guest1", true}, SetPower{"guest1", false}}}, {}};
  EXPECT_EQ(refusal(*kernel, plan), ErrorCode::System);
}

TEST(Apply, LooksAtAllNamesBeforeTheFirstWrite) {
  const auto kernel = workstation();
  const SetDriver good{kGpu, {"nvidia", "vfio-pci"}};
  const auto last_step = [&](const Change& change, const std::optional<Change>& undo) {
    return Plan{{}, {{"good", "", good, {}}, {"bad", "", change, undo}}, {}};
  };
  EXPECT_EQ(refusal(*kernel, last_step(SetDriver{kGpu, {"../x", ""}}, {})), ErrorCode::Malformed);
  EXPECT_EQ(refusal(*kernel, last_step(good, SetDriver{kGpu, {"a/b", ""}})), ErrorCode::Malformed);
  EXPECT_EQ(refusal(*kernel, last_step(LoadModule{"a b"}, {})), ErrorCode::Malformed);
  EXPECT_EQ(refusal(*kernel, last_step(LoadModule{"-r"}, {})), ErrorCode::Malformed);
  EXPECT_EQ(refusal(*kernel, last_step(SetHome{kGpu, Home{kAudio, {}, {0, 0}}}, {})), ErrorCode::Malformed);
  EXPECT_EQ(refusal(*kernel, last_step(SetHome{kGpu, Home{kGpu, {"a b", ""}, {0, 0}}}, {})),
            ErrorCode::Malformed);
  EXPECT_EQ(refusal(*kernel, last_step(SetDomain{"guest1", "<domain><name>other</name></domain>"}, {})),
            ErrorCode::Malformed);
  EXPECT_EQ(refusal(*kernel, last_step(SetDomain{"guest1", "no XML"}, {})), ErrorCode::Malformed);
}

TEST(Apply, SaysWhoseNameItExpected) {
  const auto kernel = workstation();
  const auto why = [&](const Change& change) {
    std::string message;
    EXPECT_EQ(refusal(*kernel, Plan{{}, {{"bad", "", change, {}}}, {}}, &message), ErrorCode::Malformed);
    return message;
  };
  EXPECT_EQ(why(SetDriver{kGpu, {"a b", ""}}),
            "cannot plan a change of 0000:65:00.0: saw \"a b\", expected a driver's name");
  EXPECT_EQ(why(LoadModule{"-r"}),
            "cannot plan a change of modules: saw \"-r\", expected the name of a module");
  for (const char* unit : {"sshd.socket", "../sshd.service", "-H.service", ""})
    EXPECT_EQ(
        why(SetService{unit, /*running=*/false}),
        fmt::format("cannot plan a change of services: saw \"{}\", expected the name of a service", unit));
}

// --- what cannot be undone ---

TEST(Apply, KeepsTheHomeOfADeviceThatItCannotBringBack) {
  const auto kernel = workstation();
  const Plan plan = bind_by_hand(*kernel, {kGpu, kAudio});
  kernel->refuse_probe("vfio-pci", kAudio, EBUSY);
  kernel->refuse_probe("nvidia", kGpu, EIO);
  const Report report = apply(*kernel, plan);
  EXPECT_EQ(report.outcome, Outcome::RollbackIncomplete);
  EXPECT_TRUE(report.changed);
  EXPECT_THAT(results(report), Contains(StartsWith("undo failed: ")));
  EXPECT_EQ(state_of(*kernel, kAudio), (DriverState{"snd_hda_intel", ""}));
  EXPECT_TRUE(kernel->state().files.contains("/run/gpupass/home/0000:65:00.0"));
  EXPECT_FALSE(kernel->state().files.contains("/run/gpupass/home/0000:65:00.1"));
}

TEST(Apply, SaysBothWhyAStepAndItsUndoFailed) {
  const auto kernel = workstation();
  const Plan plan{{}, {driver_step("bind", kGpu, {"nvidia", ""}, {"vfio-pci", "vfio-pci"})}, {}};
  kernel->refuse_probe("vfio-pci", kGpu, EBUSY);
  kernel->refuse_probe("nvidia", kGpu, EIO);
  EXPECT_THAT(results(apply(*kernel, plan)),
              ElementsAre("failed: cannot write /sys/bus/pci/drivers/vfio-pci/bind: Device or resource busy; "
                          "undo failed: cannot write /sys/bus/pci/drivers/nvidia/bind: Input/output error"));
}

TEST(Apply, CountsADeviceAsBroughtBackWhenALaterUndoSucceeds) {
  const auto kernel = workstation();
  const FakeState before = kernel->state();
  const Plan plan = bind_by_hand(*kernel, {kGpu});
  kernel->faults().fail(3, EIO);  // The bind to vfio-pci,
  kernel->faults().fail(4, EIO);  // and the first write of its undo.
  const Report report = apply(*kernel, plan);
  EXPECT_EQ(kernel->state(), before);
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
}

/// A card fell off its bus, or was pulled.
TEST(Apply, PutsNothingBackOnADeviceThatIsGone) {
  const auto kernel = workstation();
  const FakeDevice home = kernel->device(kAudio);
  const Plan plan = bind_by_hand(*kernel, {kAudio, kGpu});
  const Report report = apply(*kernel, plan, [&](const Event& event) {
    if (event.kind == Event::Kind::Begun && event.step + 1 == event.steps) kernel->pull(kGpu);
    return Go::On;
  });
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->device(kAudio), home);
  EXPECT_THAT(kernel->state().files, IsEmpty());
  EXPECT_THAT(results(report), Contains(HasSubstr("the device is gone")));
  EXPECT_FALSE(needs_recovery(read_journal(*kernel).front()));
}

TEST(Apply, IsRecoveredThoughADeviceIsGone) {
  const auto kernel = workstation();
  const FakeDevice home = kernel->device(kAudio);
  const Plan plan = bind_by_hand(*kernel, {kAudio, kGpu});
  EXPECT_THROW(apply(*kernel, plan,
                     [&](const Event& event) -> Go {
                       if (event.kind == Event::Kind::Begun && event.step + 1 == event.steps) throw Crash();
                       return Go::On;
                     }),
               Crash);
  kernel->pull(kGpu);
  EXPECT_EQ(recover(*kernel, read_journal(*kernel).front()).outcome, Outcome::Done);
  EXPECT_EQ(kernel->device(kAudio), home);
}

TEST(Apply, StopsAtADeviceWhoseDriverNeverReturns) {
  const auto kernel = workstation();
  const Plan plan = bind_by_hand(*kernel, {kGpu, kAudio});
  kernel->hang_in_remove(kGpu);
  const Report report = apply(*kernel, plan);
  EXPECT_EQ(report.outcome, Outcome::Wedged);
  EXPECT_TRUE(report.changed);
  EXPECT_THAT(results(report),
              ElementsAre("done", "done", "done", "done", "done", "wedged", "not reached", "not reached"));
  const auto& log = kernel->log();
  EXPECT_EQ(log[log.size() - 2], "/sys/bus/pci/devices/0000:65:00.0/driver/unbind = 0000:65:00.0");
  EXPECT_THAT(log.back(), StartsWith("/run/gpupass/wedged/0000:65:00.0"));
  const std::vector<Operation> operations = read_journal(*kernel);
  ASSERT_EQ(operations.size(), 1u);
  EXPECT_EQ(operations[0].outcome, Outcome::Wedged);
  EXPECT_THROW(recover(*kernel, operations[0]), Error) << "it still hangs";
  EXPECT_EQ(probe(*kernel, {Parts{}, {}}).wedged, std::vector{kGpu});
}

/// A process had the device open, and was ended.
TEST(Apply, IsUndoneByRecoverOnceADriverHasReturnedLate) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = bind_by_hand(*kernel, {kGpu, kAudio});
  kernel->hang_in_remove(kGpu);
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Wedged);
  kernel->return_late(kGpu);
  EXPECT_EQ(probe(*kernel, {Parts{}, {}}).wedged, std::vector<PciAddress>{});
  EXPECT_EQ(recover(*kernel, read_journal(*kernel).front()).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state(), home) << "the mark is gone as well";
}

/// Else the other GPUs, and who watches them, would be lost until the next boot as well.
TEST(Apply, TakesAllOtherCardsHomeWhenADriverNeverReturns) {
  const auto kernel = workstation();
  kernel->add_service("dcgm.service", kGpu);
  const FakeDevice home = kernel->device(kBareGpu);
  Plan plan = bind_by_hand(*kernel, {kBareGpu, kGpu, kAudio});
  plan.steps.insert(plan.steps.begin(), Step{"stop dcgm.service", "", SetService{"dcgm.service", false},
                                             SetService{"dcgm.service", true}});
  kernel->hang_in_remove(kGpu);
  const Report report = apply(*kernel, plan);
  EXPECT_EQ(report.outcome, Outcome::Wedged);
  EXPECT_EQ(words_for(report.steps.front()), "undone");
  EXPECT_TRUE(kernel->state().services.at("dcgm.service"));
  EXPECT_EQ(kernel->device(kBareGpu), home);
  EXPECT_EQ(kernel->device(kAudio).driver_override, "vfio-pci") << "nobody knows what its card waits for";

  EXPECT_EQ(apply(*kernel, bind_by_hand(*kernel, {kBareGpu})).outcome, Outcome::Done);
  EXPECT_THROW(apply(*kernel, bind_by_hand(*kernel, {kAudio})), Error) << "before the next boot";
}

TEST(Apply, StopsUndoingAtADeviceWhoseDriverNeverReturns) {
  const auto kernel = workstation();
  const Plan plan = bind_by_hand(*kernel, {kBareGpu, kGpu});
  kernel->refuse_probe("vfio-pci", kGpu, EBUSY);
  kernel->hang_in_remove(kBareGpu);  // vfio-pci waits for whoever has it open.
  const Report report = apply(*kernel, plan);
  EXPECT_EQ(report.outcome, Outcome::Wedged);
  EXPECT_THAT(results(report), Contains("wedged"));
}

TEST(Apply, DoesNotWaitForADeviceThatIsWedgedAlready) {
  const auto kernel = workstation();
  const Plan plan = bind_by_hand(*kernel, {kGpu});
  kernel->hang_in_remove(kGpu);
  apply(*kernel, plan);
  const std::size_t writes = kernel->faults().count();
  EXPECT_THROW(apply(*kernel, {{}, {driver_step("set", kGpu, {"nvidia", ""}, {"nvidia", "vfio-pci"})}, {}}),
               Error);
  EXPECT_EQ(kernel->faults().count(), writes);
}

TEST(Apply, TreatsAProgressThatThrowsAsAFailedStep) {
  const auto kernel = workstation();
  const FakeState before = kernel->state();
  unsigned told = 0;
  const Report report = apply(*kernel, bind_by_hand(*kernel, {kGpu}), [&](const Event&) {
    if (++told == 3) throw std::runtime_error("the pipe is broken");
    return Go::On;
  });
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), before);
}

/// The kinds of all events of a plan, after `stop_after` of which the caller wants no more.
std::vector<std::string> kinds_told(System& system, const Plan& plan, std::size_t stop_after) {
  std::vector<std::string> kinds;
  apply(system, plan, [&](const Event& event) {
    kinds.push_back(fmt::format("{} {}", to_string(event.kind), event.step));
    return kinds.size() < stop_after ? Go::On : Go::Back;
  });
  return kinds;
}

TEST(Apply, TellsEachEvent) {
  const auto kernel = workstation();
  EXPECT_THAT(
      kinds_told(*kernel, bind_by_hand(*kernel, {kGpu}), 100),
      ElementsAre("begun 0", "done 0", "begun 1", "done 1", "begun 2", "done 2", "begun 3", "done 3"));
}

/// Wherever the caller stops, the host is as found; where all was done before, it is as asked.
TEST(Apply, GoesBackWhenTheCallerAsks) {
  for (std::size_t stop = 2; stop <= 8; ++stop) {
    const auto kernel = workstation();
    const FakeState before = kernel->state();
    const auto told = kinds_told(*kernel, bind_by_hand(*kernel, {kGpu}), stop);
    EXPECT_EQ(kernel->state() == before, stop < 8) << stop;
    EXPECT_EQ(told.back(), stop < 8 ? "undone 0" : "done 3") << stop;
    for (const Operation& operation : read_journal(*kernel)) EXPECT_FALSE(needs_recovery(operation)) << stop;
  }
}

TEST(Apply, IsCancelledBeforeAnythingIsChanged) {
  const auto kernel = workstation();
  const FakeState before = kernel->state();
  try {
    apply(*kernel, bind_by_hand(*kernel, {kGpu}), [](const Event&) { return Go::Back; });
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Cancelled);
    EXPECT_STREQ(error.what(), "cannot go on: the caller asked to stop");
  }
  EXPECT_EQ(kernel->state(), before);
}

// --- modules ---

TEST(LoadModule, MakesADriverAvailable) {
  const auto kernel = workstation();
  kernel->unregister_driver("vfio-pci");
  Plan plan = bind_by_hand(*kernel, {kGpu});
  plan.steps.insert(plan.steps.begin(), Step{"load vfio-pci", "", LoadModule{"vfio-pci"}, {}});
  EXPECT_EQ(apply(*kernel, plan).outcome, Outcome::Done);
  EXPECT_EQ(kernel->device(kGpu).driver, "vfio-pci");
}

TEST(LoadModule, HasNothingToUndo) {
  const auto kernel = workstation();
  Plan plan = bind_by_hand(*kernel, {kGpu});
  plan.steps.insert(plan.steps.begin(), Step{"load vfio-pci", "", LoadModule{"vfio-pci"}, {}});
  kernel->faults().fail(2, EIO);
  const Report report = apply(*kernel, plan);
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_EQ(words_for(report.steps.front()), "done");
}

}  // namespace
}  // namespace gpupass::apply_test
