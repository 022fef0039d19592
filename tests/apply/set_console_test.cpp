// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apply/machine.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/error.hpp"

namespace gpupass::set_console_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Plan plan_of(const Change& change) {
  return {{}, {{"do it", "", change, std::nullopt}}, {}};
}

TEST(SetConsole, TakesThemOffTheFramebufferAndBack) {
  const auto kernel = workstation();
  kernel->draw_console(kGpu);
  EXPECT_EQ(apply(*kernel, plan_of(SetConsole{false})).outcome, Outcome::Done);
  EXPECT_FALSE(kernel->state().console);
  EXPECT_EQ(apply(*kernel, plan_of(SetConsole{false})).outcome, Outcome::Already);
  EXPECT_EQ(apply(*kernel, plan_of(SetConsole{true})).outcome, Outcome::Done);
  EXPECT_TRUE(kernel->state().console);
}

TEST(SetConsole, IsDoneWhereThereIsNoFramebuffer) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, plan_of(SetConsole{false})).outcome, Outcome::Already);
  const Report report = apply(*kernel, plan_of(SetConsole{true}));
  EXPECT_EQ(report.outcome, Outcome::Already);
  EXPECT_THAT(report.steps.front().reason, HasSubstr("no framebuffer"));
}

TEST(SetFramebuffer, UnbindsItsDriverAndBindsItAgain) {
  const auto kernel = workstation();
  kernel->show_framebuffer("efi-framebuffer.0", kGpu);
  EXPECT_EQ(apply(*kernel, plan_of(SetFramebuffer{"efi-framebuffer.0", false})).outcome, Outcome::Done);
  EXPECT_FALSE(kernel->state().framebuffer);
  EXPECT_EQ(apply(*kernel, plan_of(SetFramebuffer{"efi-framebuffer.0", true})).outcome, Outcome::Done);
  EXPECT_TRUE(kernel->state().framebuffer);
  EXPECT_THAT(kernel->log(),
              ElementsAre("/sys/bus/platform/drivers/efi-framebuffer/unbind = efi-framebuffer.0",
                          "/sys/bus/platform/drivers/efi-framebuffer/bind = efi-framebuffer.0"));
}

TEST(SetFramebuffer, ThatTheKernelHasTakenAwayStaysAway) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, plan_of(SetFramebuffer{"simple-framebuffer.0", false})).outcome, Outcome::Already);
  const Report report = apply(*kernel, plan_of(SetFramebuffer{"simple-framebuffer.0", true}));
  EXPECT_EQ(report.outcome, Outcome::Already);
  EXPECT_THAT(report.steps.front().reason, HasSubstr("next boot"));
}

TEST(SetFramebuffer, IsNoOtherDeviceOfThePlatform) {
  const auto kernel = workstation();
  EXPECT_THROW(apply(*kernel, plan_of(SetFramebuffer{"../pci0000:00", false})), Error);
  EXPECT_TRUE(kernel->log().empty());
}

}  // namespace
}  // namespace gpupass::set_console_test
