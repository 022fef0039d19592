// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/cpu_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace gpupass {
namespace {

using ::testing::ElementsAre;

TEST(CpuSet, ReadsTheKernelsLists) {
  EXPECT_EQ(CpuSet::parse(""), CpuSet());
  EXPECT_EQ(CpuSet::parse("0"), CpuSet({0}));
  EXPECT_EQ(CpuSet::parse("0-3,8"), CpuSet({0, 1, 2, 3, 8}));
  EXPECT_EQ(CpuSet::parse("8,0-3"), CpuSet({0, 1, 2, 3, 8}));
  EXPECT_EQ(CpuSet::parse("1-2,2-3"), CpuSet({1, 2, 3}));
  EXPECT_EQ(CpuSet::parse("65535"), CpuSet({65535}));
}

TEST(CpuSet, RefusesAnythingElse) {
  for (const auto* text : {" ", ",", "0,", ",0", "0,,1", "-", "0-", "-1", "3-1", "0-3-5", "a", "0x1", "+1",
                           "0 1", "0-3\n", "65536", "0-65536", "0-4294967295", "99999999999999999999"})
    EXPECT_FALSE(CpuSet::parse(text)) << '"' << text << '"';
}

TEST(CpuSet, PrintsTheShortestList) {
  EXPECT_EQ(CpuSet().to_string(), "");
  EXPECT_EQ(CpuSet({5}).to_string(), "5");
  EXPECT_EQ(CpuSet({1, 2}).to_string(), "1-2");
  EXPECT_EQ(CpuSet({3, 1, 0, 7, 2, 3}).to_string(), "0-3,7");
}

TEST(CpuSet, IteratesInOrder) {
  const CpuSet set{9, 1, 4};
  EXPECT_THAT(std::vector<unsigned>(set.begin(), set.end()), ElementsAre(1, 4, 9));
}

TEST(CpuSet, IsTheAlgebraOfSets) {
  const CpuSet a{0, 1, 2, 3}, b{2, 3, 4};
  EXPECT_EQ(a | b, CpuSet({0, 1, 2, 3, 4}));
  EXPECT_EQ(a & b, CpuSet({2, 3}));
  EXPECT_EQ(a - b, CpuSet({0, 1}));
  EXPECT_TRUE(a.contains(CpuSet({1, 3})));
  EXPECT_TRUE(a.contains(CpuSet()));
  EXPECT_FALSE(a.contains(b));
  EXPECT_TRUE(a.intersects(b));
  EXPECT_FALSE(a.intersects(CpuSet({4, 5})));
  EXPECT_FALSE(a.intersects(CpuSet()));
}

TEST(CpuSet, ReadsBackWhatItPrints) {
  std::mt19937 random(1);
  std::uniform_int_distribution<unsigned> cpu(0, 200), count(0, 120);
  for (int i = 0; i < 500; ++i) {
    CpuSet set;
    for (unsigned left = count(random); left > 0; --left) set.insert(cpu(random));
    ASSERT_EQ(CpuSet::parse(set.to_string()), set) << set.to_string();
  }
}

}  // namespace
}  // namespace gpupass
