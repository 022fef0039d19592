// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "support/boot_hooks.hpp"
#include "support/host_builder.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::plan_boot_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const PciAddress kGpu = address("0000:65:00.0");
const PciAddress kAudio = address("0000:65:00.1");
const BootImages kImages{BootTool::InitramfsTools,
                         boot_hooks(BootTool::InitramfsTools),
                         {{"6.1.0-18-amd64", "/boot/initrd.img-6.1.0-18-amd64"}}};

BootBinding binding(PciAddress at) {
  return {at, {0x10de, 0x2330, 0x10de, 0x16c1}};
}

/// With a subsystem, and what builds boot images.
Host bootable(Host host) {
  for (PciFunction& function : host.functions) {
    function.subsystem_vendor = std::uint16_t{0x10de};
    function.subsystem_device = std::uint16_t{0x16c1};
  }
  host.boot_bindings = std::vector<BootBinding>{};
  host.boot_images = kImages;
  return host;
}

Host card() {
  return bootable(one_card().build());
}

/// The last step's change.
SetBootBindings boot_change(const Plan& plan) {
  if (plan.steps.empty() || !std::holds_alternative<SetBootBindings>(plan.steps.back().change)) {
    ADD_FAILURE() << "nothing is said of the boot";
    return {};
  }
  return std::get<SetBootBindings>(plan.steps.back().change);
}

std::string refusal(const Host& host, const std::vector<PciAddress>& gpus = {kGpu}) {
  try {
    plan_bind_at_boot(host, gpus);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    return error.what();
  }
  ADD_FAILURE() << "not refused";
  return {};
}

TEST(PlanBindAtBoot, BindsNowAndWritesTheWholeClosureDown) {
  const Plan plan = plan_bind_at_boot(card(), {kGpu});
  const Plan now = plan_bind(card(), {kGpu});
  ASSERT_EQ(plan.steps.size(), now.steps.size() + 1);
  EXPECT_TRUE(std::equal(now.steps.begin(), now.steps.end(), plan.steps.begin()));
  EXPECT_EQ(boot_change(plan),
            (SetBootBindings{{binding(kGpu), binding(kAudio)}, BootTool::InitramfsTools, kImages.images}));
  EXPECT_EQ(plan.steps.back().undo, Change(SetBootBindings{{}, BootTool::InitramfsTools, kImages.images}));
  EXPECT_THAT(plan.steps.back().reason, HasSubstr("/etc/gpupass/boot-bindings is written"));
  EXPECT_THAT(plan.steps.back().reason, HasSubstr("mkinitramfs rebuilds /boot/initrd.img-6.1.0-18-amd64"));
  EXPECT_THAT(plan.assumes,
              Contains(Assumption{Assumption::Kind::Attribute, "/etc/gpupass/boot-bindings", ""}));
}

TEST(PlanBindAtBoot, AlsoWhatIsBoundAlready) {
  const Host bound = after(card(), plan_bind(card(), {kGpu}));
  const Plan plan = plan_bind_at_boot(bound, {kGpu});
  EXPECT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(boot_change(plan).bindings.size(), 2u);
  EXPECT_THAT(plan.assumes, Contains(Assumption{Assumption::Kind::Attribute,
                                                "/sys/bus/pci/devices/0000:65:00.0/vendor", "0x10de"}));
}

TEST(PlanBindAtBoot, KeepsTheOthersAndReplacesItsOwn) {
  Host host = card();
  BootBinding old = binding(kGpu);
  old.identity.device = 0x20b0;
  host.boot_bindings = std::vector<BootBinding>{binding(address("0000:41:00.0")), old};
  const Plan plan = plan_bind_at_boot(host, {kGpu});
  EXPECT_THAT(boot_change(plan).bindings,
              ElementsAre(binding(address("0000:41:00.0")), binding(kGpu), binding(kAudio)));
  EXPECT_THAT(
      plan.assumes,
      Contains(Assumption{Assumption::Kind::Attribute, "/etc/gpupass/boot-bindings",
                          "format 1\n0000:41:00.0 10de:2330 10de:16c1\n0000:65:00.0 10de:20b0 10de:16c1"}));
}

TEST(PlanBindAtBoot, WritesTheSerialNumberDownWhereThereIsOne) {
  Host host = card();
  for (PciFunction& function : host.functions)
    if (function.address == kGpu) function.config->serial = std::string("00112233aabbccdd");
  EXPECT_EQ(boot_change(plan_bind_at_boot(host, {kGpu})).bindings[0].identity.serial, "00112233aabbccdd");
}

TEST(PlanBindAtBoot, RefusesWhereNoImageCanBeBuilt) {
  Host host = card();
  host.boot_images = Absent{};
  EXPECT_THAT(refusal(host), HasSubstr("neither initramfs-tools nor dracut"));
  host.boot_images = Unknown{"/boot: Permission denied"};
  EXPECT_THAT(refusal(host), HasSubstr("/boot: Permission denied"));
  host.boot_images = kImages;
  host.boot_images->hooks[1].content = Absent{};
  EXPECT_THAT(refusal(host), HasSubstr("saw no hook of gpupass at /usr/share/initramfs-tools/hooks/gpupass"));
  host.boot_images->hooks[1].content = Unknown{"Permission denied"};
  EXPECT_THAT(refusal(host), HasSubstr("hooks/gpupass is not known: Permission denied"));
  host.boot_images = BootImages{BootTool::Dracut, boot_hooks(BootTool::Dracut), {}};
  EXPECT_THAT(refusal(host), HasSubstr("saw no boot image"));
}

TEST(PlanBindAtBoot, RefusesWhatItWouldOverwriteUnread) {
  Host host = card();
  host.boot_bindings = Unknown{"cannot read /etc/gpupass/boot-bindings: saw \"format 7\""};
  EXPECT_THAT(refusal(host), HasSubstr("format 7"));
}

TEST(PlanBindAtBoot, RefusesADeviceWithoutIdentity) {
  Host host = card();
  for (PciFunction& function : host.functions)
    if (function.address == kAudio) function.subsystem_device = Unknown{"Permission denied"};
  EXPECT_THAT(refusal(host), HasSubstr("no subsystem device id"));
}

/// On vfio-pci it drives no display any more, and the guards of bind have no more to say.
TEST(PlanBindAtBoot, RefusesTheBootDisplayAlsoWhenItIsOnVfio) {
  const Host host = bootable(HostBuilder()
                                 .vga("0000:03:00.0", "ast")
                                 .vga("0000:65:00.0", "vfio-pci")
                                 .overridden("vfio-pci")
                                 .with([](PciFunction& function) { function.boot_vga = true; })
                                 .group(5, {"0000:65:00.0"})
                                 .build());
  EXPECT_EQ(plan_bind(host, {kGpu}).steps.size(), 0u);
  EXPECT_THAT(refusal(host), HasSubstr("is the display that the firmware started on"));
}

TEST(PlanBindAtBoot, RefusesTheLastDisplayOfTheNextBoot) {
  const HostBuilder builder = HostBuilder()
                                  .vga("0000:41:00.0", "vfio-pci")
                                  .overridden("vfio-pci")
                                  .vga("0000:65:00.0", "vfio-pci")
                                  .overridden("vfio-pci")
                                  .group(4, {"0000:41:00.0"})
                                  .group(5, {"0000:65:00.0"});
  Host host = bootable(builder.build());
  EXPECT_EQ(boot_change(plan_bind_at_boot(host, {kGpu})).bindings.size(), 1u)
      << "the next boot gives the other one back";
  EXPECT_THAT(refusal(host, {address("0000:41:00.0"), kGpu}),
              HasSubstr("no display left after the next boot"));
  host.boot_bindings = std::vector<BootBinding>{binding(address("0000:41:00.0"))};
  EXPECT_THAT(refusal(host), HasSubstr("no display left after the next boot"));
  host.boot_bindings->front().identity.device = 0x20b0;
  EXPECT_EQ(boot_change(plan_bind_at_boot(host, {kGpu})).bindings.size(), 2u)
      << "another device stays with the host";
}

TEST(PlanBindAtBoot, ARackWithoutDisplaysHasNoneToLose) {
  const Host host = bootable(HostBuilder().gpu("0000:65:00.0").group(5, {"0000:65:00.0"}).build());
  EXPECT_EQ(boot_change(plan_bind_at_boot(host, {kGpu})).bindings.size(), 1u);
}

TEST(PlanReleaseAtBoot, TakesTheWholeCardOut) {
  Host host = after(card(), plan_bind(card(), {kGpu}));
  host.boot_bindings =
      std::vector<BootBinding>{binding(address("0000:41:00.0")), binding(kGpu), binding(kAudio)};
  const Plan plan = plan_release_at_boot(host, {kGpu}, {});
  EXPECT_THAT(boot_change(plan).bindings, ElementsAre(binding(address("0000:41:00.0"))));
  EXPECT_EQ(plan.steps.size(), plan_release(host, {kGpu}).steps.size() + 1);
  EXPECT_THAT(plan.notes, Not(Contains(HasSubstr("next boot"))));
}

TEST(PlanReleaseAtBoot, OfWhatIsNotBoundAtBootIsARelease) {
  const Host host = after(card(), plan_bind(card(), {kGpu}));
  EXPECT_EQ(plan_release_at_boot(host, {kGpu}, {}).steps, plan_release(host, {kGpu}).steps);
  EXPECT_THAT(plan_release_at_boot(card(), {kGpu}, {}).steps, IsEmpty());
}

TEST(PlanReleaseAtBoot, TakesOutWhatIsNotThereAnyMore) {
  Host host = card();
  const PciAddress gone = address("0000:41:00.0");
  host.boot_bindings = std::vector<BootBinding>{binding(gone), binding(address("0000:41:00.1"))};
  std::vector<std::string> names{"0000:65:00.0", "41:00.0", "all", "0000:99:00.0"};
  EXPECT_THAT(take_unplugged(host, names), ElementsAre(gone));
  EXPECT_THAT(names, ElementsAre("0000:65:00.0", "all", "0000:99:00.0"));
  const Plan plan = plan_release_at_boot(host, {}, {gone});
  EXPECT_EQ(plan.steps.size(), 1u);
  EXPECT_THAT(boot_change(plan).bindings, IsEmpty()) << "with the rest of its card";
  EXPECT_THAT(plan.steps[0].reason, HasSubstr("boot-bindings is removed"));
}

TEST(PlanRelease, SaysThatTheNextBootBindsAgain) {
  Host host = after(card(), plan_bind(card(), {kGpu}));
  EXPECT_THAT(plan_release(host, {kGpu}).notes, IsEmpty());
  host.boot_bindings = std::vector<BootBinding>{binding(kGpu)};
  EXPECT_THAT(
      plan_release(host, {kGpu}).notes,
      ElementsAre(
          "the next boot binds 0000:65:00.0 to vfio-pci again, unless it is released with --persist"));
}

TEST(PlanBind, WhatIsBoundAtBootAndHasNoDriverYetHasNoHome) {
  for (const char* name : {"", "vfio-pci"}) {
    Host host =
        bootable(HostBuilder().gpu("0000:65:00.0", "").overridden(name).group(5, {"0000:65:00.0"}).build());
    const auto records = [&] {
      unsigned count = 0;
      for (const Step& step : plan_bind(host, {kGpu}).steps)
        count += std::holds_alternative<SetHome>(step.change);
      return count;
    };
    EXPECT_EQ(records(), 1u);
    host.boot_bindings = std::vector<BootBinding>{binding(kGpu)};
    EXPECT_EQ(records(), 0u) << "its driver may come later";
  }
}

// --- what is told of it ---

std::vector<std::string> told(const Host& host) {
  std::vector<std::string> ids;
  for (const Finding& finding : check(host, {kGpu}))
    if (finding.id.starts_with("gpu.boot-binding"))
      ids.push_back(finding.id + (finding.verdict == Verdict::Pass   ? ""
                                  : finding.verdict == Verdict::Warn ? "!"
                                                                     : "?"));
  return ids;
}

TEST(CheckBoot, TellsWhatIsBoundAndWhatHasMoved) {
  Host host = card();
  EXPECT_THAT(told(host), IsEmpty());
  host.boot_bindings = std::vector<BootBinding>{binding(kGpu), binding(kAudio)};
  EXPECT_THAT(told(host), ElementsAre("gpu.boot-binding"));
  host.boot_bindings->front().identity.subsystem_device = 1;
  EXPECT_THAT(told(host), ElementsAre("gpu.boot-binding-stale!"));
  host.boot_bindings = std::vector<BootBinding>{binding(address("0000:99:00.0"))};
  host.boot_bindings->front().identity.device = 0x20b0;
  std::ranges::find(host.functions, kGpu, &PciFunction::address)->device = std::uint16_t{0x20b0};
  EXPECT_THAT(told(host), ElementsAre("gpu.boot-binding-stale!")) << "nothing is there";
  for (const Finding& finding : check(host, {}))
    if (finding.id == "gpu.boot-binding-stale") {
      EXPECT_THAT(finding.message, HasSubstr("nothing is there; one like it is at 0000:65:00.0"));
      EXPECT_THAT(finding.remedy, HasSubstr("gpupass release --persist 0000:99:00.0"));
    }
}

TEST(CheckBoot, DoesNotGuessAnIdentityThatItCannotSee) {
  Host host = card();
  host.boot_bindings = std::vector<BootBinding>{binding(kGpu)};
  for (PciFunction& function : host.functions) function.subsystem_vendor = {};
  EXPECT_THAT(told(host), ElementsAre("gpu.boot-binding-stale?"));
}

TEST(BootBinding, MeansOneCardWhereBothSerialNumbersAreKnown) {
  Host host = card();
  BootBinding wanted = binding(kGpu);
  const auto gpu = [&]() -> PciFunction& {
    return *std::ranges::find(host.functions, kGpu, &PciFunction::address);
  };
  wanted.identity.serial = "0000000000000001";
  EXPECT_EQ(is_device_of(wanted, gpu()), Answer::Yes) << "who is not root sees none";
  gpu().config->serial = std::string("0000000000000002");
  EXPECT_EQ(is_device_of(wanted, gpu()), Answer::No);
  gpu().config->serial = wanted.identity.serial;
  EXPECT_EQ(is_device_of(wanted, gpu()), Answer::Yes);
}

TEST(WantedAtBoot, IsWhatIsThereCardByCard) {
  Host host = bootable(HostBuilder()
                           .gpu("0000:41:00.0")
                           .gpu("0000:42:00.0")
                           .gpu("0000:65:00.0")
                           .audio("0000:65:00.1")
                           .group(4, {"0000:41:00.0", "0000:42:00.0"})
                           .group(5, {"0000:65:00.0", "0000:65:00.1"})
                           .build());
  const PciAddress one = address("0000:41:00.0"), other = address("0000:42:00.0");
  host.boot_bindings = std::vector<BootBinding>{binding(one), binding(other), binding(kGpu), binding(kAudio),
                                                binding(address("0000:99:00.0"))};
  const WantedAtBoot duty = wanted_at_boot(host);
  EXPECT_THAT(duty.gpus, ElementsAre(ElementsAre(one, other), ElementsAre(kGpu)));
  ASSERT_EQ(duty.findings.size(), 1u);
  EXPECT_EQ(duty.findings[0].subject, "0000:99:00.0");
}

}  // namespace
}  // namespace gpupass::plan_boot_test
