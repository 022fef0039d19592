// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/units.hpp"

#include <gtest/gtest.h>

namespace gpupass::units_test {
namespace {

constexpr std::uint64_t kMost = ~std::uint64_t{0};

TEST(Units, SuffixesArePowersOf1024) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("4096"), 4096U);
  EXPECT_EQ(parse_size("1K"), 1024U);
  EXPECT_EQ(parse_size("512M"), std::uint64_t{512} << 20);
  EXPECT_EQ(parse_size("16G"), std::uint64_t{16} << 30);
  EXPECT_EQ(parse_size("16GiB"), std::uint64_t{16} << 30);
  EXPECT_EQ(parse_size("2T"), std::uint64_t{2} << 40);
  EXPECT_EQ(parse_size("18446744073709551615"), kMost);
}

TEST(Units, RefusesAnythingElse) {
  for (const auto* text : {"", " ", "G", "-1", "+1", "1.5G", "1 G", "1GB", "1g", "1P", "1Gi", "1GiBs", "0x10",
                           "1G1", "18446744073709551616", "18014398509481984K", "16777216T"})
    EXPECT_FALSE(parse_size(text)) << '"' << text << '"';
}

TEST(Units, PrintsTheShortestExactForm) {
  EXPECT_EQ(format_size(0), "0");
  EXPECT_EQ(format_size(1), "1");
  EXPECT_EQ(format_size(4097), "4097");
  EXPECT_EQ(format_size(std::uint64_t{1536} << 20), "1536M");
  EXPECT_EQ(format_size(std::uint64_t{16} << 30), "16G");
  EXPECT_EQ(format_size(std::uint64_t{2048} << 40), "2048T");
}

TEST(Units, ReadsBackWhatItPrints) {
  for (unsigned shift = 0; shift < 64; ++shift)
    for (const std::uint64_t bytes :
         {std::uint64_t{1} << shift, (std::uint64_t{1} << shift) - 1, kMost << shift})
      EXPECT_EQ(parse_size(format_size(bytes)), bytes);
}

}  // namespace
}  // namespace gpupass::units_test
