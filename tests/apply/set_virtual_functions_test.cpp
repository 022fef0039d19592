// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apply/machine.hpp"
#include "gpupass/apply.hpp"
#include "support/error_of.hpp"

namespace gpupass::set_virtual_functions_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFolder = "/sys/bus/pci/devices/0000:65:00.0/";

std::unique_ptr<FakeKernel> sliced(unsigned vfs) {
  return machine_with({{.address = "0000:65:00.0", .driver = "xe", .group = 12, .total_vfs = 3, .vfs = vfs},
                       {.address = "0000:65:00.1", .group = 21, .virtual_of = "0000:65:00.0"},
                       {.address = "0000:65:00.2", .group = 22, .virtual_of = "0000:65:00.0"},
                       {.address = "0000:65:00.3", .group = 23, .virtual_of = "0000:65:00.0"}});
}

Plan count(unsigned before, unsigned after) {
  return {{},
          {{"cut it", "", SetVirtualFunctions{kGpu, after, true}, SetVirtualFunctions{kGpu, before, true}}},
          {}};
}

std::vector<std::string> writes(const FakeKernel& kernel) {
  std::vector<std::string> names;
  for (const std::string& line : kernel.log())
    if (line.starts_with(kFolder)) names.push_back(line.substr(std::string(kFolder).size()));
  return names;
}

TEST(SetVirtualFunctions, NoDriverTakesNewOnesAndTheSwitchIsAsFoundAfter) {
  const auto kernel = sliced(0);
  EXPECT_EQ(apply(*kernel, count(0, 2)).outcome, Outcome::Done);
  EXPECT_THAT(writes(*kernel),
              ElementsAre("sriov_drivers_autoprobe = 0", "sriov_numvfs = 2", "sriov_drivers_autoprobe = 1"));
}

TEST(SetVirtualFunctions, GoesThroughZero) {
  const auto kernel = sliced(2);
  EXPECT_EQ(apply(*kernel, count(2, 3)).outcome, Outcome::Done);
  EXPECT_THAT(writes(*kernel), ElementsAre("sriov_drivers_autoprobe = 0", "sriov_numvfs = 0",
                                           "sriov_numvfs = 3", "sriov_drivers_autoprobe = 1"));
}

TEST(SetVirtualFunctions, CostsNoWriteWhereTheyAreAsWanted) {
  const auto kernel = sliced(2);
  const Report report = apply(*kernel, count(2, 2));
  EXPECT_EQ(report.outcome, Outcome::Already);
  EXPECT_THAT(writes(*kernel), ElementsAre());
}

/// Within the write, VFIO's driver would wait for the guest.
TEST(SetVirtualFunctions, TakesNoneAwayThatADriverHas) {
  const auto kernel = sliced(2);
  kernel->meddle(address("0000:65:00.2"), {"vfio-pci", "vfio-pci"});
  const FakeState before = kernel->state();
  const Error error = error_of([&] { apply(*kernel, count(2, 0)); });
  EXPECT_THAT(error.what(), HasSubstr("saw virtfn1 on vfio-pci, expected each of them without a driver"));
  EXPECT_EQ(kernel->state(), before);
  EXPECT_THAT(writes(*kernel), ElementsAre());
}

TEST(SetVirtualFunctions, AWriteThatFailsLeavesTheSwitchAsFound) {
  const auto kernel = sliced(0);
  kernel->faults().fail(1, EIO, Faults::Effect::None);
  EXPECT_EQ(apply(*kernel, count(0, 2)).outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->device(kGpu).vfs, 0u);
  EXPECT_EQ(kernel->device(kGpu).autoprobe, "1");
}

/// The kernel refuses more than there can be.
TEST(SetVirtualFunctions, MoreThanThereCanBeLeavesAllAsFound) {
  const auto kernel = sliced(0);
  const FakeState before = kernel->state();
  const Report report = apply(*kernel, count(0, 4));
  EXPECT_EQ(report.outcome, Outcome::RolledBack);
  EXPECT_EQ(kernel->state(), before);
}

}  // namespace
}  // namespace gpupass::set_virtual_functions_test
