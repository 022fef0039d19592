// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/limits.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gpupass::limits_test {
namespace {

TEST(Limits, AreSortedAndUnique) {
  Limits limits;
  limits.add("holders", "hidden");
  limits.add("class", "0000:00:01.0", "is not there");
  limits.add("class", "0000:00:01.0", "is not there");
  EXPECT_EQ(limits.sorted(),
            (std::vector<Limit>{{"class of 0000:00:01.0", "is not there"}, {"holders", "hidden"}}));
}

TEST(Limits, CountDevicesThatShareAReason) {
  Limits limits;
  for (int device = 0; device < 281; ++device)
    limits.add("config", fmt::format("0000:00:{:03}", device), "needs root");
  EXPECT_EQ(limits.sorted(), (std::vector<Limit>{{"config of 0000:00:000 and 280 more", "needs root"}}));
}

TEST(Limits, StayShortWhenEveryDeviceHasAReasonOfItsOwn) {
  Limits limits;
  for (int device = 0; device < 281; ++device)
    limits.add("class", fmt::format("0000:00:{:03}", device), fmt::format("saw {:03}", device));
  EXPECT_EQ(limits.sorted(),
            (std::vector<Limit>{{"class of 0000:00:000 and 280 more", "saw 000; and 280 other reasons"}}));
}

TEST(Shown, ShowsForeignTextAsPrintableAscii) {
  EXPECT_EQ(shown("a\x1b[31m\"\\\n\xff"), R"("a\x1b[31m\x22\x5c\x0a\xff")");
  EXPECT_EQ(shown(std::string(1 << 20, 'A')), '"' + std::string(40, 'A') + "\"... (1048576 characters)");
}

}  // namespace
}  // namespace gpupass::limits_test
