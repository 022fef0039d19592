// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apply/machine.hpp"
#include "gpupass/apply.hpp"
#include "support/error_of.hpp"
#include "values/own_files.hpp"

namespace gpupass::prepare_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kPool = "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages";

Plan options(std::vector<std::string> before, std::vector<std::string> after) {
  return {{}, {{"options", "", SetKernelOptions{std::move(after)}, SetKernelOptions{std::move(before)}}}, {}};
}

Plan pages(std::uint64_t before, std::uint64_t after) {
  constexpr std::uint64_t kSize = std::uint64_t{2} << 20;
  return {{}, {{"pages", "", SetHugePages{{0, kSize, after}}, SetHugePages{{0, kSize, before}}}}, {}};
}

std::unique_ptr<FakeKernel> debian() {
  auto kernel = workstation();
  kernel->boot_with_grub();
  return kernel;
}

std::string config_of(const FakeKernel& kernel) {
  return kernel.state().settings.at(std::string(kGrubConfig));
}

TEST(SetKernelOptions, AreInEachEntryButThoseForRescue) {
  const auto kernel = debian();
  EXPECT_EQ(apply(*kernel, options({}, {"intel_iommu=on", "iommu=pt"})).outcome, Outcome::Done);
  EXPECT_THAT(config_of(*kernel), HasSubstr("ro quiet intel_iommu=on iommu=pt\n"));
  EXPECT_EQ(apply(*kernel, options({}, {"intel_iommu=on", "iommu=pt"})).outcome, Outcome::Already);
  EXPECT_EQ(apply(*kernel, options({"intel_iommu=on", "iommu=pt"}, {})).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state(), debian()->state());
}

/// The configuration is made before the file says that it is.
TEST(SetKernelOptions, TheFileIsWholeWhenTheConfigurationIs) {
  const auto kernel = debian();
  apply(*kernel, options({}, {"iommu=pt"}));
  std::vector<std::string> log;
  for (const std::string& line : kernel->log()) log.push_back(line.substr(0, line.find('#')));
  EXPECT_EQ(log.size(), 3u);
  EXPECT_EQ(log[1], "update-grub");
}

TEST(SetKernelOptions, AConfigurationWithoutThemIsTakenBack) {
  const auto kernel = debian();
  const FakeState before = kernel->state();
  kernel->set_options_after_gpupass();
  const Report report = apply(*kernel, options({}, {"iommu=pt"}));
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_THAT(report.steps.front().reason,
              HasSubstr("saw no entry with iommu=pt, expected one; a later file"));
  EXPECT_FALSE(kernel->state().settings.contains(std::string(kGrubFile)));
}

TEST(SetKernelOptions, TellsWhatElseUpdateGrubTookIn) {
  const auto kernel = debian();
  FakeState edited = kernel->state();
  std::string& config = edited.settings.at(std::string(kGrubConfig));
  config.replace(config.find("quiet"), 5, "splash");  // Before the user edited his own file.
  kernel->restore(edited);
  const Report report = apply(*kernel, options({}, {"iommu=pt"}));
  EXPECT_THAT(report.steps.front().reason, HasSubstr("update-grub also took in other changes"));
}

TEST(SetKernelOptions, WithoutGrubNothingIsWritten) {
  const auto kernel = workstation();
  EXPECT_THROW(apply(*kernel, options({}, {"iommu=pt"})), Error);
  EXPECT_THAT(kernel->log(), ElementsAre());
}

TEST(SetKernelOptions, OnlyOptionsAboutDevices) {
  const auto kernel = debian();
  for (const char* option : {"init=/bin/sh", "iommu=$(reboot)", "iommu=pt\"", "iommu=a b", ""})
    EXPECT_EQ(error_of([&] { apply(*kernel, options({}, {option})); }).code(), ErrorCode::Malformed)
        << option;
}

TEST(SetHugePages, AreReservedAndFreed) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, pages(4, 64)).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state().pages.at(kPool), 64u);
  EXPECT_EQ(*kernel->read("/sys/devices/system/node/node0/meminfo"),
            "Node 0 MemTotal: 1048576 kB\nNode 0 MemFree: 401408 kB\n");
  EXPECT_EQ(apply(*kernel, pages(64, 64)).outcome, Outcome::Already);
}

/// The kernel takes the write and finds fewer.
TEST(SetHugePages, TooFewAreGivenBack) {
  const auto kernel = workstation();
  const Report report = apply(*kernel, pages(4, 4000));
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_THAT(report.steps.front().reason, HasSubstr("saw 260, expected 4000"));
  EXPECT_EQ(kernel->state().pages.at(kPool), 4u);
}

}  // namespace
}  // namespace gpupass::prepare_test
