// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "apply/machine.hpp"
#include "codec/boot_file.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/error.hpp"
#include "gpupass/journal.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "render/text/report.hpp"

namespace gpupass::set_boot_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const BootBinding kBinding{kGpu, {0x10de, 0x20b0, 0x10de, 0x145f, ""}};
const std::string kFile(kBootFile);
const BootImage kOlder{"6.1.0-17-amd64", "/boot/initrd.img-6.1.0-17-amd64"};
const BootImage kNewer{"6.1.0-18-amd64", "/boot/initrd.img-6.1.0-18-amd64"};

SetBootBindings boot(std::vector<BootBinding> bindings) {
  return {std::move(bindings), BootTool::InitramfsTools, {kOlder, kNewer}};
}

Plan set(std::vector<BootBinding> before, std::vector<BootBinding> after) {
  return {{}, {{"boot", "", boot(std::move(after)), boot(std::move(before))}}, {}};
}

Host look(const System& system) {
  Parts parts = Parts::everything();
  parts.cpus = false;
  return probe(system, {parts, {}});
}

std::vector<std::string> image(const FakeKernel& kernel, const BootImage& which) {
  return kernel.ask(BootImageQuestion{BootTool::InitramfsTools, which.path}).value_or({});
}

TEST(SetBootBindings, WritesTheFileAndEveryImage) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  EXPECT_EQ(apply(*kernel, set({}, {kBinding})).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state().settings.at(kFile), to_boot_file({kBinding}));
  for (const BootImage& which : {kOlder, kNewer}) {
    EXPECT_THAT(image(*kernel, which), Contains(boot_image_entry(kBinding)));
    EXPECT_THAT(image(*kernel, which), Contains("scripts/init-top/gpupass"));
  }
  EXPECT_EQ(kernel->state().images.size(), 2u) << "nothing is left beside them";
  EXPECT_EQ(apply(*kernel, set({kBinding}, {})).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state(), home) << "no trace";
}

TEST(SetBootBindings, KeepsEachOldImageUntilAllNewOnesAreThere) {
  const auto kernel = workstation();
  apply(*kernel, set({}, {kBinding}));
  EXPECT_THAT(kernel->log(), ElementsAre(HasSubstr("boot-bindings = "), "build " + replacement_path(kOlder),
                                         "exchange " + kOlder.path, "build " + replacement_path(kNewer),
                                         "exchange " + kNewer.path, "drop " + replacement_path(kOlder),
                                         "drop " + replacement_path(kNewer)));
}

TEST(SetBootBindings, WritesNothingWhereItIsSoAlready) {
  const auto kernel = workstation();
  apply(*kernel, set({}, {kBinding}));
  const FakeState bound = kernel->state();
  kernel->restore(bound);
  EXPECT_EQ(apply(*kernel, set({}, {kBinding})).outcome, Outcome::Already);
  EXPECT_THAT(kernel->log(), ElementsAre());
}

TEST(SetBootBindings, PutsTheOldImagesBackWhenALaterOneCannotBeBuilt) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  kernel->faults().fail(3, ENOSPC);  // The second image.
  const Report report = apply(*kernel, set({}, {kBinding}));
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), home);
  EXPECT_THAT(kernel->log(), Contains("exchange " + kOlder.path).Times(2)) << "none is built for that";
  EXPECT_THAT(kernel->log(), Contains("build " + replacement_path(kOlder)).Times(1));
}

TEST(SetBootBindings, BuildsTheOldStateAnewWhereTheOldImageIsGone) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  kernel->faults().fail(6, EIO,
                        Faults::Effect::None);  // The last of the old images stays, the first is gone.
  EXPECT_EQ(apply(*kernel, set({}, {kBinding})).outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), home);
  EXPECT_THAT(kernel->log(), Contains("build " + replacement_path(kOlder)).Times(2));
}

TEST(SetBootBindings, AnImageWithoutVfioNeverTakesTheOldOnesPlace) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  kernel->forget_vfio_in_images();
  const Report report = apply(*kernel, set({}, {kBinding}));
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_THAT(words_for(report.steps[0]), HasSubstr("no vfio-pci in it"));
  EXPECT_EQ(kernel->state(), home);
  EXPECT_THAT(kernel->log(), Not(Contains(HasSubstr("exchange"))));
}

TEST(SetBootBindings, AKernelThatIsGoneNeedsNoImage) {
  const auto kernel = workstation();
  FakeState state = kernel->state();
  state.images.erase(kOlder.path);
  kernel->restore(state);
  EXPECT_EQ(apply(*kernel, set({}, {kBinding})).outcome, Outcome::Done);
  EXPECT_FALSE(kernel->state().images.contains(kOlder.path));
}

TEST(SetBootBindings, NamesNothingButBootImages) {
  const auto kernel = workstation();
  for (const BootImage& wrong :
       {BootImage{"6.1.0", "/boot/vmlinuz-6.1.0"}, BootImage{"6.1.0", "/boot/initrd.img-6.1.1"},
        BootImage{"../../etc/x", "/boot/initrd.img-../../etc/x"}, BootImage{"-o", "/boot/initrd.img--o"}}) {
    Plan plan = set({}, {kBinding});
    std::get<SetBootBindings>(plan.steps[0].change).images = {wrong};
    EXPECT_THROW(apply(*kernel, plan), Error) << wrong.path;
    std::swap(plan.steps[0].change, *plan.steps[0].undo);
    EXPECT_THROW(apply(*kernel, plan), Error) << wrong.path;
  }
  Plan plan = set({}, {kBinding, kBinding});
  EXPECT_THROW(apply(*kernel, plan), Error) << "one address twice";
}

TEST(SetBootBindings, OneOperationOfTheHostAtATime) {
  const auto kernel = workstation();
  const auto held = kernel->lock("boot");
  EXPECT_THROW(apply(*kernel, set({}, {kBinding})), Error);
}

TEST(BindAtBoot, AfterALossOfPowerWhatTheBootHasBoundGoesHome) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  const Plan plan = plan_bind_at_boot(look(*kernel), {kGpu});
  kernel->restore(home);
  apply(*kernel, plan);
  const std::size_t writes = kernel->faults().count();
  kernel->restore(home);
  kernel->faults().crash(writes - 3);  // The exchange of the last image: the older one is not booted.
  EXPECT_THROW(apply(*kernel, plan), Crash);
  kernel->restore(kernel->state());
  FakeState cut = kernel->state();
  std::swap(cut.images.at(kNewer.path), cut.images.at(replacement_path(kNewer)));  // It had come just so far.
  kernel->restore(cut);
  kernel->reboot(home);
  EXPECT_EQ(kernel->device(kGpu).driver, "vfio-pci") << "the image did it";
  const Operation operation = read_journal(*kernel).front();
  EXPECT_EQ(recover(*kernel, operation).outcome, Outcome::Done);
  EXPECT_EQ(kernel->device(kGpu).driver, "nvidia");
  EXPECT_EQ(kernel->device(kAudio).driver, "snd_hda_intel");
  EXPECT_EQ(kernel->state(), home);
}

/// Power goes before the last line of the journal, and the boot image does its part.
void expect_as_asked_after_power_loss_at_the_end(FakeKernel& kernel, const Plan& plan) {
  const FakeState home = kernel.state();
  apply(kernel, plan);
  const std::size_t lines = kernel.journal_faults().count();
  kernel.restore(home);
  kernel.journal_faults().crash(lines - 1);
  EXPECT_THROW(apply(kernel, plan), Crash);
  kernel.restore(kernel.state());
  kernel.reboot(home);
  const Operation operation = read_journal(kernel).front();
  EXPECT_TRUE(plan_recovery(kernel, operation).steps.empty());
  EXPECT_EQ(recover(kernel, operation).outcome, Outcome::Already);
  EXPECT_EQ(read_journal(kernel).front().outcome, Outcome::Done);
  EXPECT_EQ(kernel.device(kGpu).driver, "vfio-pci");
}

TEST(BindAtBoot, AfterALossOfPowerAtTheVeryEndAllIsAsAsked) {
  const auto kernel = workstation();
  expect_as_asked_after_power_loss_at_the_end(*kernel, plan_bind_at_boot(look(*kernel), {kGpu}));
}

TEST(BindAtBoot, WhatVanishedWithTheBootIsNotMissed) {
  const auto kernel = workstation();
  kernel->add_service("dcgm.service", kGpu);
  kernel->persist(kGpu);
  Host host = look(*kernel);
  std::ranges::find(host.functions, kGpu, &PciFunction::address)->persistence = true;
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/nvidia0", 7, "dcgm", "dcgm.service"}};
  expect_as_asked_after_power_loss_at_the_end(*kernel, plan_bind_at_boot(host, {kGpu}));
}

TEST(BindAtBoot, RecoveryLeavesAnotherDeviceAtThatAddressAlone) {
  const auto kernel = workstation();
  const FakeState home = kernel->state();
  Plan plan = plan_bind_at_boot(look(*kernel), {kGpu});
  for (Step& step : plan.steps)
    if (auto* change = std::get_if<SetBootBindings>(&step.change))
      for (BootBinding& binding : change->bindings)
        binding.identity.device = 0x1234;  // What was there before the power was lost.
  kernel->faults().crash(8);
  EXPECT_THROW(apply(*kernel, plan), Crash);
  kernel->restore(kernel->state());
  kernel->reboot(home);
  kernel->meddle(kGpu, {"vfio-pci", "vfio-pci"});  // Somebody else's wish.
  recover(*kernel, read_journal(*kernel).front());
  EXPECT_EQ(kernel->device(kGpu).driver, "vfio-pci");
}

}  // namespace
}  // namespace gpupass::set_boot_test
