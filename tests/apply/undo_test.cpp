// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "apply/machine.hpp"
#include "apply/origin.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"

/// laws_test.cpp shows that each plan can be taken back; here is what forbids it.
namespace gpupass::undo_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Host look(const System& system) {
  return probe(system, {needs(Verb::Undo), {}});
}

Operation last(const FakeKernel& kernel) {
  return read_journal(kernel).back();
}

/// The error of plan_undo(), with its hint.
std::string refusal(FakeKernel& kernel, const Operation& operation) {
  try {
    plan_undo(kernel, operation);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    return error.what() + std::string("; ") + error.hint();
  }
  return "no refusal";
}

TEST(Undo, WhatOthersChangedSinceIsNamedAndLeft) {
  const auto kernel = workstation();
  apply(*kernel, plan_bind(look(*kernel), {kGpu}));
  kernel->meddle(kAudio, {"", ""});
  EXPECT_THAT(refusal(*kernel, last(*kernel)),
              HasSubstr("since then others have changed the driver of 0000:65:00.1"));
}

TEST(Undo, WhatIsAsBeforeNeedsNoStep) {
  const auto kernel = workstation();
  const FakeState before = kernel->state();
  apply(*kernel, plan_bind(look(*kernel), {kGpu}));
  const Operation bind = last(*kernel);
  apply(*kernel, plan_release(look(*kernel), {kGpu}));
  EXPECT_THAT(plan_undo(*kernel, bind).steps, IsEmpty()) << "it was released";
  EXPECT_EQ(kernel->state(), before);
}

TEST(Undo, AnInterruptedOperationIsForRecover) {
  const auto kernel = workstation();
  kernel->faults().crash(4);
  EXPECT_THROW(apply(*kernel, plan_bind(look(*kernel), {kGpu})), Crash);
  kernel->restore(kernel->state());
  EXPECT_THAT(refusal(*kernel, last(*kernel)), HasSubstr("gpupass recover"));
}

TEST(Undo, WhatWasRolledBackIsNoMore) {
  const auto kernel = workstation();
  kernel->faults().fail(4, EIO);
  EXPECT_EQ(apply(*kernel, plan_bind(look(*kernel), {kGpu})).outcome, Outcome::RolledBack);
  EXPECT_THAT(refusal(*kernel, last(*kernel)), HasSubstr("it changed nothing that is still there"));
}

TEST(Undo, AChangeAfterThePlanIsNoticed) {
  const auto kernel = workstation();
  apply(*kernel, plan_bind(look(*kernel), {kGpu}));
  const Plan undo = plan_undo(*kernel, last(*kernel));
  kernel->meddle(kGpu, {"", "vfio-pci"});
  EXPECT_THROW(apply(*kernel, undo), Error);
}

TEST(Undo, AfterABootOnlyWhatLastsIsLeft) {
  const auto kernel = workstation();
  const FakeState before = kernel->state();
  apply(*kernel, plan_bind(look(*kernel), {kGpu}));
  kernel->reboot(before);
  EXPECT_THAT(plan_undo(*kernel, last(*kernel)).steps, IsEmpty());
}

TEST(Undo, ARunningGuestIsNotStopped) {
  Host host;
  Domain guest;
  guest.name = "guest1";
  guest.active = true;
  const auto kernel = workstation();
  host = look(*kernel);
  host.domains = std::vector<Domain>{guest};
  Plan undo;
  undo.steps = {{"stop", "", SetPower{"guest1", false}, SetPower{"guest1", true}}};
  EXPECT_THROW(guard_undo(host, undo), Error);
  (*host.domains)[0].active = false;
  EXPECT_NO_THROW(guard_undo(host, undo));
}

TEST(Undo, AGuestThatWasStartedSinceKeepsItsGpu) {
  const auto kernel = workstation();
  apply(*kernel, plan_bind(look(*kernel), {kGpu}));
  Plan undo = plan_undo(*kernel, last(*kernel));
  undo.steps.insert(undo.steps.begin(),
                    {"", "", SetDevice{"vm", kGpu, Scope::Config, false, "<hostdev/>", 60}, std::nullopt});
  Host host = look(*kernel);
  Domain guest;
  guest.name = "vm";
  guest.active = true;
  guest.live_devices = {kGpu, kAudio};
  host.domains = std::vector<Domain>{guest};
  EXPECT_THROW(guard_undo(host, undo), Error) << "only its definition parts from the GPU";
  std::get<SetDevice>(undo.steps.front().change).scope = Scope::Live;
  EXPECT_NO_THROW(guard_undo(host, undo));
}

TEST(Undo, ADefinitionInLibvirtsWordsIsTheOneThatWasLeft) {
  const auto kernel = workstation();
  FakeHypervisor& libvirt = kernel->fake_hypervisor();
  libvirt.add("vm");
  libvirt.rewrite_definitions();
  const std::string before = libvirt.domain("vm")->persistent_xml;
  const std::string wanted = "<domain type='kvm'><name>vm</name><vcpu>3</vcpu></domain>";
  Plan plan;
  plan.steps = {{"redefine vm", "", SetDomain{"vm", wanted}, SetDomain{"vm", before}}};
  apply(*kernel, plan);
  ASSERT_NE(libvirt.domain("vm")->persistent_xml, wanted);
  const Operation operation = last(*kernel);
  EXPECT_EQ(apply(*kernel, plan_undo(*kernel, operation)).outcome, Outcome::Done);
  EXPECT_THAT(libvirt.domain("vm")->persistent_xml, HasSubstr(before));
  libvirt.define("vm", "<domain type='kvm'><name>vm</name><vcpu>9</vcpu></domain>");
  EXPECT_THAT(refusal(*kernel, operation), HasSubstr("the definition of vm"));
}

TEST(Undo, AGpuThatIsInUseByNowStaysWithItsDriver) {
  const auto kernel = workstation();
  apply(*kernel, plan_bind(look(*kernel), {kGpu}));
  apply(*kernel, plan_release(look(*kernel), {kGpu}));
  const Plan undo = plan_undo(*kernel, last(*kernel));
  Host host = look(*kernel);
  EXPECT_NO_THROW(guard_undo(host, undo));
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/nvidia0", 7, "python3", ""}};
  EXPECT_THROW(guard_undo(host, undo), Error);
}

TEST(Origin, IsTheUserWhoLoggedInAndTheCommandLine) {
  MemorySystem machine;
  machine.file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh");
  machine.file("/proc/self/loginuid", "1000");
  machine.file("/proc/self/cmdline", std::string("gpupass\0bind\0a b\0", 17));
  EXPECT_EQ(login_user(machine), "alice");
  EXPECT_EQ(command_line(machine), "gpupass bind 'a b'");
}

TEST(Origin, WithoutALoginIsTheUserOfTheProcess) {
  MemorySystem machine;
  machine.file("/etc/passwd", "root:x:0:0::/root:/bin/sh");
  machine.file("/proc/self/loginuid", "4294967295");
  machine.file("/proc/self/status", "Name:\tgpupass\nUid:\t0\t0\t0\t0");
  EXPECT_EQ(login_user(machine), "root");
  machine.file("/proc/self/loginuid", "77");
  EXPECT_EQ(login_user(machine), "77") << "it is in no file";
}

}  // namespace
}  // namespace gpupass::undo_test
