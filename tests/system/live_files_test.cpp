// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "support/temp_tree.hpp"
#include "system/live_system.hpp"

namespace gpupass::live_files_test {
namespace {

using ::testing::Contains;

LiveSystem& live_machine() {
  static LiveSystem system{SystemOptions()};
  return system;
}

std::string refusal_of_write(const std::string& path, std::string_view value) {
  try {
    live_machine().write(path, value);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::System);
    EXPECT_EQ(error.subject(), path);
    return error.what();
  }
  return "written";
}

TEST(LiveFiles, ReadsWhatProcfsHandsOutInPieces) {
  const auto content = live_machine().read("/proc/self/maps");
  ASSERT_TRUE(content);
  EXPECT_GT(content->size(), 5000U);
  EXPECT_FALSE(content->ends_with('\n'));
}

TEST(LiveFiles, AnErrorWhileReadingIsUnknown) {
  EXPECT_EQ(live_machine().read("/proc/self/mem").why(), "/proc/self/mem: Input/output error");
  EXPECT_EQ(live_machine().read("/proc").why(), "/proc: Is a directory");
}

TEST(LiveFiles, AFifoDoesNotBlock) {
  const TempTree tree;
  EXPECT_EQ(live_machine().read(tree.fifo("/fifo")), Fact(std::string()));
}

TEST(LiveFiles, ListsAndTellsLinks) {
  const TempTree tree;
  tree.link("/driver", "../nvidia");
  EXPECT_THAT(*live_machine().list(tree.root()), Contains("driver"));
  EXPECT_EQ(live_machine().link(tree.path("/driver")), Fact(std::string("../nvidia")));
  EXPECT_TRUE(live_machine().link(tree.path("/nothing")).absent());
  EXPECT_TRUE(live_machine().list(tree.path("/nothing")).absent());
}

TEST(LiveFiles, WritesAndNeverMakesAFile) {
  const TempTree tree;
  const std::string path = tree.file("/driver_override", "");
  live_machine().write(path, "vfio-pci\n");
  EXPECT_EQ(tree.content("/driver_override"), "vfio-pci\n");
  const std::string nothing = tree.path("/nothing");
  EXPECT_EQ(refusal_of_write(nothing, "x"), "cannot write " + nothing + ": No such file or directory");
}

TEST(LiveFiles, ARefusedWriteSaysWhatTheKernelSays) {
  EXPECT_EQ(refusal_of_write("/dev/full", "x"), "cannot write /dev/full: No space left on device");
  EXPECT_EQ(refusal_of_write("/proc/self/oom_score_adj", "no number"),
            "cannot write /proc/self/oom_score_adj: Invalid argument");
}

}  // namespace
}  // namespace gpupass::live_files_test
