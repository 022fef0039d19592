// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "apply/machine.hpp"
#include "codec/home_file.hpp"
#include "gpupass/apply.hpp"

namespace gpupass::set_home_test {
namespace {

const Home kHome{kGpu, {"nvidia", ""}, {0x10de, 0x20b0}};
const std::string kPath = "/run/gpupass/home/0000:65:00.0";

Plan remember(const std::optional<Home>& home) {
  return {{}, {{"home", "", SetHome{kGpu, home}, {}}}, {}};
}

TEST(SetHome, IsWrittenAndForgotten) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, remember(kHome)).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state().files.at(kPath), to_home_file(kHome));
  EXPECT_EQ(apply(*kernel, remember(std::nullopt)).outcome, Outcome::Done);
  EXPECT_TRUE(kernel->state().files.empty());
}

TEST(SetHome, WritesNothingWhereItIsSoAlready) {
  const auto kernel = workstation();
  EXPECT_EQ(apply(*kernel, remember(std::nullopt)).outcome, Outcome::Already);
  apply(*kernel, remember(kHome));
  EXPECT_EQ(apply(*kernel, remember(kHome)).outcome, Outcome::Already);
  EXPECT_EQ(kernel->log().size(), 1u);
}

TEST(SetHome, ReplacesADamagedRecord) {
  const auto kernel = workstation();
  FakeState state = kernel->state();
  state.files[kPath] = "{\"format\":";
  kernel->restore(state);
  EXPECT_EQ(apply(*kernel, remember(kHome)).outcome, Outcome::Done);
  EXPECT_EQ(kernel->state().files.at(kPath), to_home_file(kHome));
}

}  // namespace
}  // namespace gpupass::set_home_test
