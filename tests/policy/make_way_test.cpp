// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::make_way_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const PciAddress kGpu = address("0000:65:00.0");
const BindOptions kNamed{{kGpu}, {"gdm.service"}};

/// The GPU shows the firmware's framebuffer, the console and a session. There is another display.
Host two_displays() {
  Host host = one_card().build();
  for (PciFunction& function : host.functions)
    if (function.address == kGpu) function.class_code = 0x030000;
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/dri/card0", 7, "gnome-shell", "", "user@1000.service"},
                                       {kGpu, "/dev/dri/card0", 8, "Xwayland", "", "session-2.scope"}};
  host.uses = std::vector<DeviceUse>{{kGpu, DeviceUse::Kind::Framebuffer, "BOOTFB"},
                                     {kGpu, DeviceUse::Kind::Console, "fb0"},
                                     {kGpu, DeviceUse::Kind::Framebuffer, "simpledrm"}};
  return host;
}

Host desktop() {
  Host host = two_displays();
  std::erase_if(host.functions, [](const PciFunction& function) {
    return function.class_code.value_or(0) == 0x030000 && function.address != kGpu;
  });
  return host;
}

std::vector<std::string> steps_from(const Plan& plan, const std::string& first, std::size_t count) {
  std::vector<std::string> steps = summaries(plan);
  steps.erase(steps.begin(), std::ranges::find(steps, first));
  steps.resize(std::min(steps.size(), count));
  return steps;
}

TEST(MakeWay, SessionsConsoleAndFramebufferMakeWayInOrder) {
  EXPECT_THAT(steps_from(plan_bind(desktop(), {kGpu}, kNamed), "stop gdm.service", 6),
              ElementsAre("stop gdm.service", "end session-2.scope", "end user@1000.service",
                          "stop to draw the kernel's consoles", "take simple-framebuffer.0 off its driver",
                          "unbind 0000:65:00.1 from snd_hda_intel"));
}

TEST(MakeWay, AllIsBackInReverseButSessions) {
  const Host host = desktop();
  const Plan release = plan_release(after(host, plan_bind(host, {kGpu}, kNamed)), {kGpu});
  const auto all = summaries(release);
  EXPECT_EQ(all.back(), "start gdm.service again");
  EXPECT_THAT(
      steps_from(release, "bind simple-framebuffer.0 to its driver again", 2),
      ElementsAre("bind simple-framebuffer.0 to its driver again", "draw the kernel's consoles again"));
  EXPECT_THAT(all, Not(Contains(HasSubstr("session-2.scope"))));
}

TEST(MakeWay, TheDisplayManagerMustBeNamed) {
  EXPECT_THAT(guards(desktop(), kGpu),
              Contains(testing::Field(&Finding::remedy, HasSubstr("display-manager.service"))));
  EXPECT_THROW(plan_bind(desktop(), {kGpu}, {{kGpu}, {}}), Error);
  EXPECT_THROW(plan_bind(desktop(), {kGpu}, {{kGpu}, {"dcgm.service"}}), Error);
  EXPECT_THAT(summaries(plan_bind(desktop(), {kGpu}, {{kGpu}, {"display-manager.service"}})),
              Contains("stop display-manager.service"));
}

TEST(MakeWay, ASessionElsewhereStays) {
  Host host = desktop();
  host.users->push_back({kGpu, "/dev/dri/renderD128", 9, "blender", "", ""});
  EXPECT_THROW(plan_bind(host, {kGpu}, kNamed), Error);
}

TEST(MakeWay, NotFromTheSessionThatEnds) {
  Host host = desktop();
  host.own_session = std::string("user@1000.service");
  try {
    plan_bind(host, {kGpu}, kNamed);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("gpupass runs in user@1000.service, which ends with gdm.service"));
    EXPECT_THAT(error.hint(), HasSubstr("systemd-run"));
  }
  host.users->clear();
  EXPECT_THAT(summaries(plan_bind(host, {kGpu}, kNamed)), Not(Contains(HasSubstr("gdm"))));
}

TEST(MakeWay, WithAnotherDisplayTheyAreBackAtOnce) {
  const Host host = two_displays();
  const Plan bind = plan_bind(host, {kGpu}, kNamed);
  EXPECT_THAT(steps_from(bind, "draw the kernel's consoles again", 2),
              ElementsAre("draw the kernel's consoles again", "start gdm.service again"));
  EXPECT_THAT(summaries(plan_release(after(host, bind), {kGpu})),
              Not(Contains(testing::AnyOf(HasSubstr("gdm"), HasSubstr("consoles")))));
}

TEST(MakeWay, AFramebufferThatNobodyShowsIsNotShownAgain) {
  Host host = desktop();
  host.uses = std::vector<DeviceUse>{{kGpu, DeviceUse::Kind::Framebuffer, "BOOTFB"}};
  const Plan bind = plan_bind(host, {kGpu}, kNamed);
  EXPECT_THAT(summaries(bind), Contains("take simple-framebuffer.0 off its driver"));
  EXPECT_THAT(summaries(plan_release(after(host, bind), {kGpu})), Not(Contains(HasSubstr("framebuffer"))));
}

TEST(MakeWay, AServiceThatStayedStoppedIsStartedByRelease) {
  Host host = one_card().build();
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/nvidia0", 77, "watcher", "dcgm.service"}};
  const Plan bind = plan_bind(host, {kGpu});
  EXPECT_THAT(bind.notes, Contains(HasSubstr("gpupass release starts it again")));
  EXPECT_EQ(summaries(plan_release(after(host, bind), {kGpu})).back(), "start dcgm.service again");
}

}  // namespace
}  // namespace gpupass::make_way_test
