// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "gpupass/apply.hpp"
#include "gpupass/error.hpp"
#include "support/error_of.hpp"
#include "support/fake_kernel.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace gpupass::set_reset_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const PciAddress kCard = *PciAddress::parse("0000:19:00.0");
constexpr const char* kFolder = "/sys/bus/pci/devices/0000:19:00.0/";

/// Its GPUs have the methods "flr bus".
std::unique_ptr<FakeKernel> server() {
  return std::make_unique<FakeKernel>(open_host(source_path("examples/hosts/8gpu-2socket.host")));
}

Plan by(const std::vector<std::string>& methods) {
  const SetResetMethods found{kCard, {"flr", "bus"}}, chosen{kCard, methods};
  Plan plan;
  plan.steps = {{"choose", "", chosen, found},
                {"reset", "", ResetDevice{kCard, methods.front()}, std::nullopt},
                {"as before", "", found, chosen}};
  return plan;
}

std::vector<std::string> writes(const FakeKernel& kernel) {
  std::vector<std::string> names;
  for (const std::string& line : kernel.log())
    if (line.starts_with(kFolder)) names.push_back(line.substr(std::string(kFolder).size()));
  return names;
}

TEST(Reset, IsMadeByTheChosenMethodAndTheOthersAreBack) {
  const auto kernel = server();
  EXPECT_EQ(apply(*kernel, by({"flr"})).outcome, Outcome::Done);
  EXPECT_THAT(writes(*kernel), ElementsAre("reset_method = flr", "reset = 1", "reset_method = flr bus"));
}

/// It is no state that could have been reached.
TEST(Reset, IsMadeAgainWhenAskedAgain) {
  const auto kernel = server();
  apply(*kernel, by({"flr"}));
  EXPECT_EQ(apply(*kernel, by({"flr"})).outcome, Outcome::Done);
  EXPECT_EQ(kernel->resets(kCard), 2u);
}

/// Where the first method fails, the kernel would try the next one, which might reset a neighbour.
TEST(Reset, IsNotMadeWhileTheKernelMayChoose) {
  const auto kernel = server();
  Plan plan;
  plan.steps = {{"reset", "", ResetDevice{kCard, "flr"}, std::nullopt}};
  const Error error = error_of([&] { apply(*kernel, plan); });
  EXPECT_THAT(error.what(), HasSubstr("saw the methods flr bus, expected flr alone"));
  EXPECT_EQ(kernel->resets(kCard), 0u);
}

TEST(Reset, ThatTheKernelRefusesLeavesTheMethodsAsFound) {
  const auto kernel = server();
  kernel->behave_in_reset(kCard, FakeReset::Refused);
  const Report report = apply(*kernel, by({"flr"}));
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_EQ(report.steps[1].state, StepState::Failed);
  EXPECT_EQ(kernel->device(kCard).reset_method, "flr bus");
}

/// The kernel says that all is well.
TEST(Reset, AfterWhichNobodyAnswersHasFailed) {
  const auto kernel = server();
  kernel->behave_in_reset(kCard, FakeReset::Silent);
  const Report report = apply(*kernel, by({"flr"}));
  EXPECT_EQ(report.steps[1].state, StepState::Failed);
  EXPECT_THAT(report.steps[1].reason, HasSubstr("saw nothing but ones in its configuration space"));
}

TEST(Reset, ThatNeverReturnsWedgesTheDevice) {
  const auto kernel = server();
  kernel->behave_in_reset(kCard, FakeReset::Hangs);
  EXPECT_EQ(apply(*kernel, by({"flr"})).outcome, Outcome::Wedged);
  EXPECT_TRUE(kernel->state().files.contains("/run/gpupass/wedged/0000:19:00.0"));
}

TEST(Reset, AMethodThatTheFunctionDoesNotHaveChangesNothing) {
  const auto kernel = server();
  const FakeState before = kernel->state();
  EXPECT_EQ(apply(*kernel, by({"pm"})).outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), before);
  EXPECT_EQ(kernel->resets(kCard), 0u);
}

TEST(Reset, TheNameOfAMethodIsOneWord) {
  const auto kernel = server();
  for (const char* name : {"", "flr\n", "flr bus", "../x"})
    EXPECT_EQ(error_of([&] { apply(*kernel, by({name})); }).code(), ErrorCode::Malformed) << name;
  Plan none;
  none.steps = {{"none", "", SetResetMethods{kCard, {}}, std::nullopt}};
  EXPECT_EQ(error_of([&] { apply(*kernel, none); }).code(), ErrorCode::Malformed);
}

}  // namespace
}  // namespace gpupass::set_reset_test
