// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/shell_word.hpp"

#include <gtest/gtest.h>

namespace gpupass::shell_word_test {
namespace {

TEST(ShellWord, IsQuotedWhereAShellWouldSeeMore) {
  EXPECT_EQ(shell_word("guest-1.example"), "guest-1.example");
  EXPECT_EQ(shell_word("two words"), "'two words'");
  EXPECT_EQ(shell_word("x; reboot"), "'x; reboot'");
  EXPECT_EQ(shell_word("it's $(x)"), "'it'\\''s $(x)'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace gpupass::shell_word_test
