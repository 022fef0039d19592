// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apply/machine.hpp"
#include "gpupass/apply.hpp"
#include "gpupass/error.hpp"

namespace gpupass::set_d3cold_test {
namespace {

using testing::ElementsAre;

Plan allow(PciAddress device, bool allowed) {
  return {{}, {{"d3cold", "", SetD3cold{device, allowed}, SetD3cold{device, !allowed}}}, {}};
}

TEST(SetD3cold, IsWrittenOnceAndReadBack) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, allow(kGpu, false)).outcome, Outcome::Done);
  EXPECT_EQ(apply(*kernel, allow(kGpu, false)).outcome, Outcome::Already);
  EXPECT_EQ(kernel->state().devices.at("0000:65:00.0").d3cold_allowed, "0");
  EXPECT_THAT(kernel->log(), ElementsAre("/sys/bus/pci/devices/0000:65:00.0/d3cold_allowed = 0"));
}

TEST(SetD3cold, FailsWhereTheKernelHasNoSuchThing) {
  const auto kernel = machine_with({{.address = "0000:65:00.0"}});
  FakeState state = kernel->state();
  state.devices.at("0000:65:00.0").d3cold_allowed.clear();
  kernel->restore(state);
  EXPECT_THROW(apply(*kernel, allow(kBareGpu, false)), Error);
  EXPECT_TRUE(kernel->log().empty());
}

}  // namespace
}  // namespace gpupass::set_d3cold_test
