// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/cpu_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

namespace gpupass::cpu_set_test {
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

/// A capture or a definition of a few MB would take hours, if each range cost as much as it has members.
TEST(CpuSet, CostsWhatItsTextCosts) {
  std::string text = "7";
  for (int i = 0; i < 100'000; ++i) text += ",0-65535";
  const auto set = CpuSet::parse(text);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->size(), 65536u);
  CpuSet all;
  for (int i = 0; i < 100'000; ++i) all |= *set;
  EXPECT_EQ(all.to_string(), "0-65535");
}

/// Against sets of numbers.
TEST(CpuSet, CombinesAsSetsOfNumbersDo) {
  std::mt19937 random(2);
  std::uniform_int_distribution<unsigned> cpu(0, 30), count(0, 20);
  const auto made = [&](std::set<unsigned>& numbers) {
    CpuSet set;
    for (unsigned left = count(random); left > 0; --left) {
      const unsigned member = cpu(random);
      set.insert(member);
      numbers.insert(member);
    }
    return set;
  };
  const auto numbers_of = [](const CpuSet& set) { return std::set<unsigned>(set.begin(), set.end()); };
  for (int i = 0; i < 1000; ++i) {
    std::set<unsigned> one, two, any, common, rest;
    const CpuSet a = made(one), b = made(two);
    std::ranges::set_union(one, two, std::inserter(any, any.end()));
    std::ranges::set_intersection(one, two, std::inserter(common, common.end()));
    std::ranges::set_difference(one, two, std::inserter(rest, rest.end()));
    ASSERT_EQ(numbers_of(a), one);
    ASSERT_EQ(a.size(), one.size());
    ASSERT_EQ(numbers_of(a | b), any);
    ASSERT_EQ(numbers_of(a & b), common);
    ASSERT_EQ(numbers_of(a - b), rest);
    ASSERT_EQ(a.contains(b), std::ranges::includes(one, two));
    ASSERT_EQ(a.intersects(b), !common.empty());
    ASSERT_EQ(((a | b) - b) | (a & b), a);
  }
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
}  // namespace gpupass::cpu_set_test
