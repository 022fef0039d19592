// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/live_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "support/temp_tree.hpp"

namespace gpupass {
namespace {

using ::testing::Contains;

std::string refusal_of_write(const std::string& path, std::string_view value) {
  try {
    live_files::write(path, value);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::System);
    EXPECT_EQ(error.subject(), path);
    return error.what();
  }
  return "written";
}

TEST(LiveFiles, ReadsWhatProcfsHandsOutInPieces) {
  const auto content = live_files::read("/proc/self/maps");
  ASSERT_TRUE(content);
  EXPECT_GT(content->size(), 5000U);
  EXPECT_FALSE(content->ends_with('\n'));
}

TEST(LiveFiles, AnErrorWhileReadingIsUnknown) {
  EXPECT_EQ(live_files::read("/proc/self/mem").why(), "/proc/self/mem: Input/output error");
  EXPECT_EQ(live_files::read("/proc").why(), "/proc: Is a directory");
}

TEST(LiveFiles, AFifoDoesNotBlock) {
  const TempTree tree;
  EXPECT_EQ(live_files::read(tree.fifo("/fifo")), Fact(std::string()));
}

TEST(LiveFiles, ListsAndTellsLinks) {
  const TempTree tree;
  tree.link("/driver", "../nvidia");
  EXPECT_THAT(*live_files::list(tree.root()), Contains("driver"));
  EXPECT_EQ(live_files::link(tree.path("/driver")), Fact(std::string("../nvidia")));
  EXPECT_TRUE(live_files::link(tree.path("/nothing")).absent());
  EXPECT_TRUE(live_files::list(tree.path("/nothing")).absent());
}

TEST(LiveFiles, WritesAndNeverMakesAFile) {
  const TempTree tree;
  const std::string path = tree.file("/driver_override", "");
  live_files::write(path, "vfio-pci\n");
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
}  // namespace gpupass
