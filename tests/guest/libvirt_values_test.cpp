// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/libvirt_values.hpp"

#include <gtest/gtest.h>

namespace gpupass::libvirt_values_test {
namespace {

TEST(LibvirtSet, TakesOutAgainWhatStandsBehindACaret) {
  EXPECT_EQ(set_from("0-7,^3"), (CpuSet{0, 1, 2, 4, 5, 6, 7}));
  EXPECT_EQ(set_from("^3,3"), CpuSet{3});
  EXPECT_EQ(set_from("0-3, ^1-2"), (CpuSet{0, 3}));
  EXPECT_EQ(set_from(""), CpuSet{});
}

TEST(LibvirtSet, IsNothingElse) {
  for (const char* text : {"a", "^", "1,,2", "3-1", "-1", "0-99999999"}) EXPECT_FALSE(set_from(text)) << text;
}

TEST(LibvirtSize, IsInKiBUnlessItSaysOtherwise) {
  EXPECT_EQ(bytes_from("4", ""), 4096u);
  EXPECT_EQ(bytes_from(" 4 ", "KB"), 4000u);
  EXPECT_EQ(bytes_from("4", "bytes"), 4u);
  EXPECT_EQ(bytes_from("2", "GiB"), std::uint64_t{2} << 30);
  for (const char* number : {"", "-1", "x", "99999999999999999999"})
    EXPECT_FALSE(bytes_from(number, "GiB")) << number;
  EXPECT_FALSE(bytes_from("99999999999", "EiB"));
}

}  // namespace
}  // namespace gpupass::libvirt_values_test
