// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <limits>

#include "apply/machine.hpp"
#include "apply/perform.hpp"
#include "apply/plans.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/journal.hpp"
#include "guest/model/domain_xml.hpp"
#include "render/text/report.hpp"

namespace gpupass::set_domain_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHostdev =
    "<hostdev mode='subsystem' type='pci' managed='no'>"
    "<source><address domain='0x0000' bus='0x65' slot='0x00' function='0x0'/></source></hostdev>";

std::string guest_with(const std::string& devices) {
  return "<domain type='kvm'><name>guest1</name><devices>" + devices + "</devices></domain>";
}

Plan one(const Change& change, const std::optional<Change>& undo = {}) {
  return {{}, {{"step", "", change, undo}}, {}};
}

SetDevice device(Scope scope, bool present, unsigned timeout_seconds = 5) {
  return {"guest1", kGpu, scope, present, kHostdev, timeout_seconds};
}

/// A workstation whose GPU is on vfio-pci, and a running guest.
class GuestTest : public testing::Test {
 protected:
  GuestTest() {
    kernel_->meddle(kGpu, {"vfio-pci", "vfio-pci"});
    guests_.add_running("guest1");
  }
  /// Before the guest has anything to say: it has the device.
  void give() {
    apply(*kernel_, one(device(Scope::Live, true)));
    ASSERT_THAT(live_devices(), ElementsAre(kGpu));
  }
  std::vector<DeviceId> live_devices() { return claimed_devices(guests_.domain("guest1")->live_xml); }
  std::vector<DeviceId> config_devices() { return claimed_devices(guests_.domain("guest1")->persistent_xml); }

  std::unique_ptr<FakeKernel> kernel_ = workstation();
  FakeHypervisor& guests_ = kernel_->fake_hypervisor();
};

TEST_F(GuestTest, IsDefinedAndForgotten) {
  guests_.restore({});
  EXPECT_EQ(apply(*kernel_, one(SetDomain{"guest1", guest_with(kHostdev)})).outcome, Outcome::Done);
  EXPECT_THAT(config_devices(), ElementsAre(kGpu));
  EXPECT_EQ(apply(*kernel_, one(SetDomain{"guest1", std::nullopt})).outcome, Outcome::Done);
  EXPECT_THAT(guests_.state(), IsEmpty());
}

TEST_F(GuestTest, IsNotDefinedAnewWhenItsDefinitionIsThat) {
  const std::string xml = guests_.domain("guest1")->persistent_xml;
  EXPECT_EQ(apply(*kernel_, one(SetDomain{"guest1", xml})).outcome, Outcome::Already);
  EXPECT_EQ(apply(*kernel_, one(SetDomain{"guest2", std::nullopt})).outcome, Outcome::Already);
}

TEST_F(GuestTest, IsToldWhichDevicesItsDefinitionMeans) {
  const FakeState before = kernel_->state();
  const SetMetadata recorded{"guest1", "<vm><gpu address=\"0000:65:00.0\" vendor=\"10de\"/></vm>"};
  EXPECT_EQ(apply(*kernel_, one(recorded)).outcome, Outcome::Done);
  EXPECT_THAT(guests_.domain("guest1")->persistent_xml, HasSubstr("urn:gpupass:domain:1"));
  EXPECT_EQ(apply(*kernel_, one(recorded)).outcome, Outcome::Already);
  EXPECT_EQ(apply(*kernel_, one(SetMetadata{"guest1", ""})).outcome, Outcome::Done);
  EXPECT_EQ(kernel_->state(), before);
}

TEST_F(GuestTest, GoesOnRunningWithoutADefinition) {
  apply(*kernel_, one(SetDomain{"guest1", std::nullopt}));
  EXPECT_TRUE(guests_.domain("guest1")->active);
  EXPECT_FALSE(guests_.domain("guest1")->persistent);
}

TEST_F(GuestTest, StartsAndStops) {
  EXPECT_EQ(apply(*kernel_, one(SetPower{"guest1", true})).outcome, Outcome::Already);
  EXPECT_EQ(apply(*kernel_, one(SetPower{"guest1", false})).outcome, Outcome::Done);
  EXPECT_FALSE(guests_.domain("guest1")->active);
  EXPECT_EQ(apply(*kernel_, one(SetPower{"guest1", true})).outcome, Outcome::Done);
  EXPECT_TRUE(guests_.domain("guest1")->active);
  EXPECT_EQ(apply(*kernel_, one(SetPower{"guest2", false})).outcome, Outcome::Already);
}

TEST_F(GuestTest, ThatCannotStartLeavesTheHostAsFound) {
  guests_.restore({});
  kernel_->meddle(kGpu, {"nvidia", ""});  // Then the fake hypervisor, like QEMU, cannot open it.
  const FakeState before = kernel_->state();
  const Report report =
      apply(*kernel_,
            {{},
             {{"define", "", SetDomain{"guest1", guest_with(kHostdev)}, SetDomain{"guest1", std::nullopt}},
              {"start", "", SetPower{"guest1", true}, SetPower{"guest1", false}}},
             {}});
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_THAT(words_for(report.steps.at(1)), HasSubstr("is not bound to vfio-pci"));
  EXPECT_EQ(kernel_->state(), before);
}

TEST_F(GuestTest, IsGivenADeviceNowOrForItsNextStart) {
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, true))).outcome, Outcome::Done);
  EXPECT_THAT(live_devices(), ElementsAre(kGpu));
  EXPECT_THAT(config_devices(), IsEmpty());
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Config, true))).outcome, Outcome::Done);
  EXPECT_THAT(config_devices(), ElementsAre(kGpu));
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Config, true))).outcome, Outcome::Already);
}

TEST_F(GuestTest, ThatDoesNotExistIsGivenNothing) {
  guests_.restore({});
  try {
    apply(*kernel_, one(device(Scope::Config, true)));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
    EXPECT_STREQ(error.what(), "cannot attach 0000:65:00.0 to guest1: saw no such domain, expected one");
  }
  EXPECT_THAT(kernel_->log(), IsEmpty());
}

TEST_F(GuestTest, MayBeGivenAnyTimeToLetGo) {
  give();
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, false, std::numeric_limits<unsigned>::max()))).outcome,
            Outcome::Done);
}

TEST_F(GuestTest, GivesADeviceBack) {
  give();
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, false))).outcome, Outcome::Done);
  EXPECT_THAT(live_devices(), IsEmpty());
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, false))).outcome, Outcome::Already);
  apply(*kernel_, one(device(Scope::Config, true)));
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Config, false))).outcome, Outcome::Done);
  EXPECT_THAT(config_devices(), IsEmpty());
}

TEST_F(GuestTest, IsWaitedForWhileItLetsGo) {
  give();
  guests_.behave("guest1", {.wakes_needed = 5});
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, false))).outcome, Outcome::Done);
  EXPECT_EQ(guests_.requests(), 1u);
}

TEST_F(GuestTest, ThatIgnoresTheRequestLeavesItPending) {
  give();
  guests_.behave("guest1", {.deaf_to = 1});
  const FakeState before = kernel_->state();
  const Plan plan{{},
                  {{"detach", "", device(Scope::Live, false, 0), device(Scope::Live, true)},
                   {"detach for good", "", device(Scope::Config, false), device(Scope::Config, true)}},
                  {}};
  const Report report = apply(*kernel_, plan);
  EXPECT_EQ(report.outcome, Outcome::Pending);
  EXPECT_TRUE(report.changed);
  EXPECT_EQ(words_for(report.steps.at(0)), "pending");
  EXPECT_EQ(words_for(report.steps.at(1)), "not reached");
  EXPECT_EQ(kernel_->state(), before);
}

TEST_F(GuestTest, IsAskedAnewAfterAWhile) {
  give();
  guests_.behave("guest1", {.deaf_to = 2});
  Access access(*kernel_);
  EXPECT_EQ(perform(access, device(Scope::Live, false), std::chrono::milliseconds(20)), Progressed::Reached);
  EXPECT_EQ(guests_.requests(), 3u);
}

TEST_F(GuestTest, MayRefuseToBeAskedAnew) {
  give();
  guests_.behave("guest1", {.deaf_to = 1});
  kernel_->faults().fail(kernel_->faults().count() + 1, EBUSY);
  Access access(*kernel_);
  EXPECT_EQ(perform(access, device(Scope::Live, false), std::chrono::milliseconds(20)), Progressed::Reached);
}

TEST_F(GuestTest, ThatEndsHoldsNothingAnyMore) {
  give();
  guests_.behave("guest1", {.wakes_needed = 1, .dies = true});
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, false))).outcome, Outcome::Done);
  EXPECT_FALSE(guests_.domain("guest1")->active);
}

TEST_F(GuestTest, ThatRefusesEndsTheWaitAtOnceAndIsAsFound) {
  give();
  apply(*kernel_, one(device(Scope::Config, true)));
  guests_.behave("guest1", {.wakes_needed = 2, .refuses = true});
  const FakeState before = kernel_->state();
  const auto start = std::chrono::steady_clock::now();
  const Report report =
      apply(*kernel_, {{},
                       {{"detach for good", "", device(Scope::Config, false), device(Scope::Config, true)},
                        {"detach", "", device(Scope::Live, false, 600), device(Scope::Live, true)}},
                       {}});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_EQ(words_for(report.steps.at(0)), "undone");
  EXPECT_EQ(words_for(report.steps.at(1)),
            "failed: cannot detach 0000:65:00.0 from guest1: saw the guest refuse, expected it to release "
            "the device");
  EXPECT_EQ(kernel_->state(), before);
}

TEST_F(GuestTest, ThatIsPausedIsNamedAsTheReason) {
  give();
  guests_.behave("guest1", {.deaf_to = 1});
  guests_.pause("guest1");
  const Report report = apply(*kernel_, one(device(Scope::Live, false, 0)));
  EXPECT_EQ(report.outcome, Outcome::Pending);
  EXPECT_EQ(words_for(report.steps.at(0)),
            "pending: the guest is paused: it releases nothing until it is resumed");
}

TEST_F(GuestTest, ThatEndsInTheRequestHoldsNothingAnyMore) {
  give();
  guests_.behave("guest1", {.dies = true});
  kernel_->faults().fail(kernel_->faults().count(), EIO, Faults::Effect::Full);
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, false), device(Scope::Live, true))).outcome,
            Outcome::Done);
  EXPECT_FALSE(guests_.domain("guest1")->active);
}

TEST_F(GuestTest, ThatIsTransientMayVanishWhileItIsAsked) {
  kernel_->fake_hypervisor().restore({});
  guests_.add_transient("guest1");
  give();
  guests_.behave("guest1", {.wakes_needed = 1, .dies = true});
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, false), device(Scope::Live, true))).outcome,
            Outcome::Done);
  EXPECT_THAT(guests_.state(), IsEmpty());
}

TEST_F(GuestTest, LetsGoAlthoughTheAnswerIsLost) {
  give();
  kernel_->faults().lose(kernel_->faults().count(), Faults::Effect::Full);
  guests_.stay_away(3);
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, false), device(Scope::Live, true))).outcome,
            Outcome::Done);
  EXPECT_THAT(live_devices(), IsEmpty());
}

TEST_F(GuestTest, IsAskedAnewWhenTheRequestMayBeLost) {
  give();
  kernel_->faults().lose(kernel_->faults().count());
  guests_.stay_away(3);
  Access access(*kernel_);
  EXPECT_EQ(perform(access, device(Scope::Live, false), std::chrono::milliseconds(20)), Progressed::Reached);
  EXPECT_EQ(guests_.requests(), 1u);
}

TEST_F(GuestTest, OfWhichNobodyCanTellIsPendingAndNothingIsUndone) {
  give();
  kernel_->faults().lose(kernel_->faults().count());
  guests_.stay_away(1000);
  const FakeState before = kernel_->state();
  const Report report = apply(*kernel_, one(device(Scope::Live, false, 1), device(Scope::Live, true)));
  EXPECT_EQ(report.outcome, Outcome::Pending);
  EXPECT_EQ(words_for(report.steps.at(0)), "pending: cannot reach the hypervisor");
  EXPECT_EQ(kernel_->state(), before);
}

TEST_F(GuestTest, HasTheDeviceAlthoughTheAnswerIsLost) {
  kernel_->faults().lose(0, Faults::Effect::Full);
  guests_.stay_away(3);
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, true), device(Scope::Live, false))).outcome,
            Outcome::Done);
  EXPECT_THAT(live_devices(), ElementsAre(kGpu));
}

TEST_F(GuestTest, DoesNotHaveTheDeviceWhenTheRequestIsLost) {
  kernel_->faults().lose(0);
  guests_.stay_away(3);
  EXPECT_EQ(apply(*kernel_, one(device(Scope::Live, true), device(Scope::Live, false))).outcome,
            Outcome::RolledBack);
  EXPECT_THAT(live_devices(), IsEmpty());
}

/// Cut off while it was asked, then switched off: what recover would give back to it cannot be, and need not
/// be.
TEST_F(GuestTest, ThatWasSwitchedOffLeavesNothingToRecover) {
  give();
  guests_.behave("guest1", {.deaf_to = 100});
  kernel_->faults().crash(kernel_->faults().count(), Faults::Effect::Full);
  EXPECT_THROW(apply(*kernel_, one(device(Scope::Live, false), device(Scope::Live, true))), Crash);
  guests_.behave("guest1", {.dies = true});
  guests_.destroy("guest1");
  const std::vector<Operation> journal = read_journal(*kernel_);
  ASSERT_TRUE(needs_recovery(journal.back()));
  EXPECT_THAT(plan_recovery(*kernel_, journal.back()).steps, IsEmpty());
  EXPECT_THAT(recover(*kernel_, journal.back()).outcome, testing::AnyOf(Outcome::Already, Outcome::Done));
  EXPECT_FALSE(needs_recovery(read_journal(*kernel_).back()));
}

/// What was undone beside a driver that has hung is whoever's wants it, also for recover after the next boot.
TEST_F(GuestTest, DefinedAnewBesideAWedgedDeviceStays) {
  guests_.restore({});
  const FakeState booted = kernel_->state();
  const Change guest = SetDomain{"guest1", guest_with(kHostdev)};
  Plan plan = one(guest, SetDomain{"guest1", std::nullopt});
  plan.steps.push_back(
      {"give back", "", SetDriver{kGpu, {"nvidia", ""}}, SetDriver{kGpu, {"vfio-pci", "vfio-pci"}}});
  kernel_->hang_in_remove(kGpu);
  EXPECT_EQ(apply(*kernel_, plan).outcome, Outcome::Wedged);
  EXPECT_TRUE(guests_.domain("guest1").absent());
  EXPECT_EQ(apply(*kernel_, one(guest, SetDomain{"guest1", std::nullopt})).outcome, Outcome::Done);
  kernel_->reboot(booted);
  for (const Operation& operation : interrupted_operations(*kernel_)) recover(*kernel_, operation);
  EXPECT_THAT(config_devices(), ElementsAre(kGpu));
  EXPECT_THAT(interrupted_operations(*kernel_), IsEmpty());
}

TEST_F(GuestTest, ThatKeepsADeviceIsNotRobbedOfItByTheUndo) {
  const DriverState home{"nvidia", ""}, vfio{"vfio-pci", "vfio-pci"};
  kernel_->meddle(kGpu, {"nvidia", ""});
  const Plan plan{{},
                  {{"bind", "", SetDriver{kGpu, vfio}, SetDriver{kGpu, home}},
                   {"attach", "", device(Scope::Live, true), device(Scope::Live, false, 0)},
                   {"bind the other", "", SetDriver{kAudio, vfio}, SetDriver{kAudio, {"snd_hda_intel", ""}}}},
                  {}};
  guests_.behave("guest1", {.deaf_to = 100});
  kernel_->refuse_probe("vfio-pci", kAudio, EBUSY);
  const Report report = apply(*kernel_, plan);
  EXPECT_EQ(report.outcome, Outcome::RollbackIncomplete);
  EXPECT_EQ(words_for(report.steps.at(0)), "done; not undone: a guest still holds the device");
  EXPECT_EQ(kernel_->link("/sys/bus/pci/devices/0000:65:00.0/driver")
                ->substr(kernel_->link("/sys/bus/pci/devices/0000:65:00.0/driver")->rfind('/') + 1),
            "vfio-pci");
}

TEST_F(GuestTest, ThatKeepsADeviceWhichWasGivenInVainIsReported) {
  const Plan plan{
      {},
      {{"attach", "", device(Scope::Live, true), device(Scope::Live, false, 0)},
       {"bind", "", SetDriver{kAudio, {"vfio-pci", "vfio-pci"}}, SetDriver{kAudio, {"snd_hda_intel", ""}}}},
      {}};
  guests_.behave("guest1", {.deaf_to = 100});
  kernel_->refuse_probe("vfio-pci", kAudio, EBUSY);
  const Report report = apply(*kernel_, plan);
  EXPECT_EQ(report.outcome, Outcome::RollbackIncomplete);
  EXPECT_EQ(words_for(report.steps.at(0)), "undo failed: the guest has not released the device");
}

}  // namespace
}  // namespace gpupass::set_domain_test
