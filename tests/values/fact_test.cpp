// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/fact.hpp"

#include <gtest/gtest.h>

namespace gpupass::fact_test {
namespace {

TEST(Fact, ItsFourStatesAreDifferent) {
  const Fact<int> not_asked, absent = Absent{}, unknown = Unknown{"no permission"}, zero = 0;
  EXPECT_FALSE(not_asked.asked());
  EXPECT_TRUE(absent.asked() && absent.absent());
  EXPECT_TRUE(unknown.asked() && unknown.unknown());
  EXPECT_TRUE(zero.asked() && zero.known());
  const Fact<int> all[] = {not_asked, absent, unknown, zero};
  for (const auto& one : all)
    for (const auto& other : all) EXPECT_EQ(one == other, &one == &other);
  EXPECT_NE(unknown, Fact<int>(Unknown{"another reason"}));
}

TEST(Fact, OnlyAKnownOneHasAValue) {
  EXPECT_TRUE(Fact<bool>(false)) << "that it is known, not what it is";
  EXPECT_FALSE(*Fact<bool>(false));
  EXPECT_EQ(Fact<int>(5).value_or(7), 5);
  EXPECT_EQ(Fact<int>(Absent{}).value_or(7), 7);
  EXPECT_EQ(Fact<int>(Unknown{"why"}).why(), "why");
  EXPECT_EQ(Fact<int>(5).why(), "");
}

TEST(Fact, WithoutItsValueItStaysOfItsKind) {
  EXPECT_TRUE(Fact<int>(Absent{}).without_value<std::string>().absent());
  EXPECT_EQ(Fact<int>(Unknown{"why"}).without_value<std::string>().why(), "why");
  EXPECT_FALSE(Fact<int>().without_value<std::string>().asked());
}

}  // namespace
}  // namespace gpupass::fact_test
