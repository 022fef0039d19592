// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "apply/machine.hpp"
#include "apply/plans.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "render/text/report.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace gpupass::set_driver_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Plan to(PciAddress device, DriverState state) {
  return {{}, {{"set", "", SetDriver{device, state}, {}}}, {}};
}

Plan to_kernels_choice(PciAddress device) {
  return {{}, {{"set", "", SetDriver{device, {}, /*kernel_chooses=*/true}, {}}}, {}};
}

std::string result_of(FakeKernel& kernel, const Plan& plan) {
  return words_for(apply(kernel, plan).steps.at(0));
}

TEST(SetDriver, ReachesEveryStateFromEveryOther) {
  const std::vector<std::string> names{"", "nvidia", "vfio-pci", "pci-stub"};
  std::vector<DriverState> states;
  for (const std::string& driver : names)
    for (const std::string& name : names) states.push_back({driver, name});
  for (const DriverState& before : states)
    for (const DriverState& after : states) {
      const auto kernel = workstation();
      kernel->meddle(kGpu, {before.driver, before.driver_override});
      const Report report = apply(*kernel, to(kGpu, after));
      EXPECT_EQ(state_of(*kernel, kGpu), after);
      EXPECT_EQ(report.outcome, before == after ? Outcome::Already : Outcome::Done);
      EXPECT_EQ(report.changed, before != after);
    }
}

TEST(SetDriver, SetsTheOverrideBeforeItUnbinds) {
  const auto kernel = workstation();
  apply(*kernel, to(kGpu, {"vfio-pci", "vfio-pci"}));
  EXPECT_THAT(kernel->log(), ElementsAre("/sys/bus/pci/devices/0000:65:00.0/driver_override = vfio-pci",
                                         "/sys/bus/pci/devices/0000:65:00.0/driver/unbind = 0000:65:00.0",
                                         "/sys/bus/pci/drivers/vfio-pci/bind = 0000:65:00.0"));
}

TEST(SetDriver, AimsTheOverrideAtTheHomeDriverAndClearsItOnceBound) {
  const auto kernel = workstation();
  kernel->meddle(kGpu, {"vfio-pci", "vfio-pci"});
  apply(*kernel, to(kGpu, {"nvidia", ""}));
  EXPECT_THAT(kernel->log(), ElementsAre("/sys/bus/pci/devices/0000:65:00.0/driver_override = nvidia",
                                         "/sys/bus/pci/devices/0000:65:00.0/driver/unbind = 0000:65:00.0",
                                         "/sys/bus/pci/drivers/nvidia/bind = 0000:65:00.0",
                                         "/sys/bus/pci/devices/0000:65:00.0/driver_override = "));
}

TEST(SetDriver, WritesNothingWhereTheStateIsThere) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, to(kGpu, {"nvidia", ""})).outcome, Outcome::Already);
  EXPECT_THAT(kernel->log(), ElementsAre());
}

TEST(SetDriver, ChangesTheOverrideAloneOfABoundFunction) {
  const auto kernel = workstation();
  apply(*kernel, to(kGpu, {"nvidia", "vfio-pci"}));
  EXPECT_THAT(kernel->log(), ElementsAre("/sys/bus/pci/devices/0000:65:00.0/driver_override = vfio-pci"));
}

TEST(SetDriver, ReportsWhyTheDriverRefused) {
  const auto kernel = workstation();
  EXPECT_THAT(result_of(*kernel, to(kPort, {"vfio-pci", "vfio-pci"})), HasSubstr("Invalid argument"));
  kernel->refuse_probe("nvidia", kBareGpu, ENOMEM);
  EXPECT_THAT(result_of(*kernel, to(kBareGpu, {"nvidia", ""})), HasSubstr("Cannot allocate memory"));
}

TEST(SetDriver, CannotGiveAwayAPhysicalFunctionWhoseVirtualOnesAreOn) {
  const auto kernel =
      machine_with({{.address = "0000:65:00.0", .driver = "nvidia", .group = 12, .total_vfs = 16, .vfs = 4}});
  EXPECT_THAT(result_of(*kernel, to(kGpu, {"vfio-pci", "vfio-pci"})), HasSubstr("Device or resource busy"));
}

TEST(SetDriver, CannotGiveAwayAFunctionWithoutAGroup) {
  const auto kernel = machine_with({{.address = "0000:65:00.0", .driver = "nvidia"}});
  EXPECT_THAT(result_of(*kernel, to(kGpu, {"vfio-pci", "vfio-pci"})), HasSubstr("Invalid argument"));
}

TEST(SetDriver, LoadsTheModuleOfADriverThatHasGone) {
  const auto kernel = workstation();
  kernel->meddle(kGpu, {"vfio-pci", "vfio-pci"});
  kernel->unregister_driver("nvidia");
  EXPECT_EQ(apply(*kernel, to(kGpu, {"nvidia", ""})).outcome, Outcome::Done);
  EXPECT_EQ(state_of(*kernel, kGpu), (DriverState{"nvidia", ""}));
  EXPECT_THAT(kernel->log(), testing::Contains("module nvidia"));
}

TEST(SetDriver, SaysWhichModuleIsMissing) {
  const auto kernel = workstation();
  kernel->meddle(kGpu, {"vfio-pci", "vfio-pci"});
  kernel->uninstall_driver("nvidia");
  EXPECT_THAT(result_of(*kernel, to(kGpu, {"nvidia", ""})), HasSubstr("cannot load nvidia"));
}

TEST(SetDriver, NamesAFunctionThatIsNotThere) {
  const auto kernel = workstation();
  try {
    apply(*kernel, to(address("0000:99:00.0"), {"vfio-pci", "vfio-pci"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
    EXPECT_THAT(error.what(), HasSubstr("/sys/bus/pci/devices/0000:99:00.0/driver_override"));
  }
}

TEST(SetDriver, LetsTheKernelChoose) {
  const auto kernel = workstation();
  kernel->meddle(kGpu, {"vfio-pci", "vfio-pci"});
  EXPECT_EQ(apply(*kernel, to_kernels_choice(kGpu)).outcome, Outcome::Done);
  EXPECT_EQ(state_of(*kernel, kGpu), (DriverState{"nvidia", ""}));
}

TEST(SetDriver, TakesNoDriverForTheKernelsChoice) {
  const auto kernel = workstation();
  kernel->meddle(kBareGpu, {"vfio-pci", "vfio-pci"});
  EXPECT_THAT(result_of(*kernel, to_kernels_choice(kBareGpu)), HasSubstr("done: no driver took it"));
  EXPECT_EQ(state_of(*kernel, kBareGpu), (DriverState{"", ""}));
}

TEST(SetDriver, ReportsThatTheKernelChoosesVfio) {
  const auto kernel = workstation();
  kernel->meddle(kGpu, {"vfio-pci", ""});
  kernel->match(kGpu, "vfio-pci");
  EXPECT_THAT(result_of(*kernel, to_kernels_choice(kGpu)), HasSubstr("was told the ids of the device"));
}

TEST(SetDriver, LeavesWhatTheKernelChoseAlready) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, to_kernels_choice(kGpu)).outcome, Outcome::Already);
}

TEST(SetDriver, DoesNotTakeALeftOverVfioBindingForTheKernelsChoice) {
  const auto kernel = workstation();
  kernel->meddle(kGpu, {"vfio-pci", ""});
  apply(*kernel, to_kernels_choice(kGpu));
  EXPECT_EQ(state_of(*kernel, kGpu), (DriverState{"nvidia", ""}));
}

TEST(SetDriver, RefusesNamesThatAreNoDrivers) {
  for (const char* name : {"../../../etc", "a b", "a\nb", ".."}) {
    const auto kernel = workstation();
    EXPECT_THROW(apply(*kernel, to(kGpu, {name, ""})), Error);
    EXPECT_THROW(apply(*kernel, to(kGpu, {"", name})), Error);
    EXPECT_THAT(kernel->log(), ElementsAre());
  }
}

TEST(SetDriver, OneOfVfiosThatIsMadeForTheDeviceIsReachedAndLeft) {
  FakeKernel kernel(open_host(source_path("tests/field/gh200-on-nvidia.host")));
  const PciAddress gpu = *PciAddress::parse("0009:01:00.0");
  const auto seen = [&] { return probe(kernel, {Parts::everything(), {}}); };
  EXPECT_EQ(apply(kernel, plan_bind(seen(), {gpu})).outcome, Outcome::Done);
  EXPECT_EQ(find_function(seen(), gpu)->driver, Fact<std::string>("nvgrace_gpu_vfio_pci"));
  EXPECT_EQ(plan_bind(seen(), {gpu}), Plan{});
  EXPECT_EQ(apply(kernel, plan_release(seen(), {gpu})).outcome, Outcome::Done);
  EXPECT_EQ(find_function(seen(), gpu)->driver, Fact<std::string>("nvidia"));
}

}  // namespace
}  // namespace gpupass::set_driver_test
