// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/root_part.hpp"

#include <gtest/gtest.h>

#include "values/sizes.hpp"

namespace gpupass::root_part_test {
namespace {

TEST(RootPart, HasTheLargestFirstAndNothingBehindTheLast) {
  RootPart part;
  EXPECT_EQ(part.bytes(), 0u);
  part.add(kGiB, kMiB);
  part.add(16 * kGiB + 48 * kMiB, 16 * kGiB);
  EXPECT_EQ(part.bytes(), 17 * kGiB + 48 * kMiB);
  EXPECT_EQ(part.alignment(), 16 * kGiB);
  part.add(16 * kGiB + 48 * kMiB, 16 * kGiB);
  EXPECT_EQ(part.bytes(), 49 * kGiB + 48 * kMiB) << "the second begins at 32 GiB";
}

}  // namespace
}  // namespace gpupass::root_part_test
