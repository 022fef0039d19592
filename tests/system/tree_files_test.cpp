// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/tree_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "gpupass/error.hpp"
#include "support/temp_tree.hpp"

namespace gpupass::tree_files_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// As an ordinary user, where we are root: whom no file mode stops.
class Unprivileged {
 public:
  Unprivileged() {
    if (geteuid() == 0 && seteuid(65534) == 0) was_root_ = true;
  }
  ~Unprivileged() {
    if (was_root_ && seteuid(0) != 0) std::abort();
  }

 private:
  bool was_root_ = false;
};

struct TreeFilesTest : ::testing::Test {
  TempTree tree;
  TreeFiles files{tree.root()};
};

TEST_F(TreeFilesTest, ReadsAFileWithoutItsLastNewline) {
  tree.file("/sys/one", "0x030000\n");
  tree.file("/sys/two", "a\nb\n\n");
  tree.file("/sys/none", "a\nb");
  tree.file("/sys/empty", "");
  EXPECT_EQ(files.read("/sys/one"), Fact(std::string("0x030000")));
  EXPECT_EQ(files.read("/sys/two"), Fact(std::string("a\nb\n")));
  EXPECT_EQ(files.read("/sys/none"), Fact(std::string("a\nb")));
  EXPECT_EQ(files.read("/sys/empty"), Fact(std::string()));
}

TEST_F(TreeFilesTest, ReadsBytesAsTheyAre) {
  std::string config("\x86\x80\0\xff", 4);
  config.resize(60'004);
  tree.file("/sys/config", config);
  EXPECT_EQ(files.read("/sys/config"), Fact(config));
}

TEST_F(TreeFilesTest, WhatIsNotThereIsAbsent) {
  tree.file("/sys/file", "x");
  for (const auto* path : {"/sys/nothing", "/nothing/at/all", "/sys/file/below"}) {
    EXPECT_TRUE(files.read(path).absent()) << path;
    EXPECT_TRUE(files.list(path).absent()) << path;
    EXPECT_TRUE(files.link(path).absent()) << path;
  }
}

TEST_F(TreeFilesTest, ADirectoryInPlaceOfAnAttributeIsUnknown) {
  tree.folder("/sys/class");
  EXPECT_EQ(files.read("/sys/class").why(), "/sys/class: not a plain file");
}

TEST_F(TreeFilesTest, AFifoInPlaceOfAnAttributeDoesNotBlock) {
  tree.fifo("/sys/class");
  tree.link("/sys/linked", "class");
  EXPECT_EQ(files.read("/sys/class").why(), "/sys/class: not a plain file");
  EXPECT_EQ(files.read("/sys/linked").why(), "/sys/linked: not a plain file");
}

TEST_F(TreeFilesTest, ADeviceNodeIsNeverOpened) {
  tree.folder("/sys");
  // 10:130 is the watchdog: opening it, and closing it again, may reset a machine. 1:1 is memory.
  if (mknod(tree.path("/sys/class").c_str(), S_IFCHR | 0600, makedev(1, 1)) != 0)
    GTEST_SKIP() << "needs root";
  tree.link("/sys/linked", "class");
  EXPECT_EQ(files.read("/sys/class").why(), "/sys/class: not a plain file");
  EXPECT_EQ(files.read("/sys/linked").why(), "/sys/linked: not a plain file");
}

TEST_F(TreeFilesTest, AGiganticFileIsUnknownAndNamed) {
  std::filesystem::resize_file(tree.file("/sys/class", ""), std::uintmax_t{1} << 40);
  EXPECT_EQ(files.read("/sys/class").why(),
            "/sys/class: saw more than 16777216 bytes, expected at most that");
}

TEST_F(TreeFilesTest, WhatMayNotBeReadIsUnknownAndSaysWhy) {
  chmod(tree.root().c_str(), 0755);
  chmod(tree.file("/sys/rom", "x").c_str(), 0);
  tree.file("/sys/closed/class", "x");
  chmod(tree.path("/sys/closed").c_str(), 0);
  {
    const Unprivileged user;
    EXPECT_EQ(files.read("/sys/rom").why(), "/sys/rom: Permission denied");
    EXPECT_EQ(files.read("/sys/closed/class").why(), "/sys/closed/class: Permission denied");
    EXPECT_EQ(files.link("/sys/closed/class").why(), "/sys/closed/class: Permission denied");
    EXPECT_EQ(files.list("/sys/closed").why(), "/sys/closed: Permission denied");
  }
  chmod(tree.path("/sys/closed").c_str(), 0755);
}

TEST_F(TreeFilesTest, ListsNamesInOrder) {
  for (const auto* name : {"b", "a", "c"}) tree.file(std::string("/sys/") + name, "");
  tree.folder("/empty");
  EXPECT_THAT(*files.list("/sys"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(*files.list("/sys/"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(*files.list("/"), ElementsAre("empty", "sys"));
  EXPECT_THAT(*files.list("/empty"), IsEmpty());
}

TEST_F(TreeFilesTest, TellsALinkAsItIsWritten) {
  tree.link("/sys/driver", "../../bus/pci/drivers/nvidia");
  tree.file("/sys/file", "x");
  EXPECT_EQ(files.link("/sys/driver"), Fact(std::string("../../bus/pci/drivers/nvidia")));
  EXPECT_EQ(files.link("/sys/file").why(), "/sys/file: not a symbolic link");
  EXPECT_TRUE(files.read("/sys/driver").absent()) << "it dangles";
}

TEST_F(TreeFilesTest, FollowsLinksToFoldersAndFiles) {
  tree.file("/sys/devices/pci0000:00/0000:00:01.0/class", "0x060400\n");
  tree.link("/sys/bus/pci/devices/0000:00:01.0", "../../../devices/pci0000:00/0000:00:01.0");
  tree.link("/sys/kind", "devices/pci0000:00/0000:00:01.0/class");
  EXPECT_EQ(files.read("/sys/bus/pci/devices/0000:00:01.0/class"), Fact(std::string("0x060400")));
  EXPECT_EQ(files.read("/sys/kind"), Fact(std::string("0x060400")));
}

TEST_F(TreeFilesTest, ACircleOfLinksIsUnknown) {
  tree.link("/sys/a", "b");
  tree.link("/sys/b", "a");
  EXPECT_EQ(files.read("/sys/a").why(), "/sys/a: Too many levels of symbolic links");
  EXPECT_EQ(files.read("/sys/a/class").why(), "/sys/a/class: Too many levels of symbolic links");
  EXPECT_EQ(files.list("/sys/a").why(), "/sys/a: Too many levels of symbolic links");
}

TEST_F(TreeFilesTest, NoPathLeadsOutOfTheTree) {
  tree.file("/etc/passwd", "inside");
  tree.folder("/sys");
  EXPECT_EQ(files.read("/../../../../../../etc/passwd"), Fact(std::string("inside")));
  EXPECT_EQ(files.read("/sys/../../../etc/passwd"), Fact(std::string("inside")));
  EXPECT_TRUE(files.read("/sys/../../../etc/hostname").absent());
  EXPECT_THAT(*files.list("/sys/../../.."), ElementsAre("etc", "sys"));
  EXPECT_TRUE(files.read("/..").unknown());
}

TEST_F(TreeFilesTest, NoLinkLeadsOutOfTheTree) {
  tree.file("/etc/passwd", "inside");
  tree.link("/sys/absolute", "/etc/passwd");
  tree.link("/sys/climbing", "../../../../../../../../etc/passwd");
  tree.link("/sys/folder", "/etc");
  tree.link("/sys/up", "../../../../..");
  tree.link("/sys/outside", "/etc/hostname");
  for (const auto* path : {"/sys/absolute", "/sys/climbing", "/sys/folder/passwd", "/sys/up/etc/passwd"})
    EXPECT_EQ(files.read(path), Fact(std::string("inside"))) << path;
  EXPECT_TRUE(files.read("/sys/outside").absent());
  EXPECT_THAT(*files.list("/sys/folder"), ElementsAre("passwd"));
}

TEST_F(TreeFilesTest, NoMagicLinkLeadsOutOfTheTree) {
  // A link of procfs leads to an open file, not to a name.
  const TreeFiles proc("/proc");
  EXPECT_TRUE(proc.read("/self/exe").unknown());
  EXPECT_TRUE(proc.list("/self/cwd").unknown());
  EXPECT_TRUE(proc.list("/self/root").unknown());
}

TEST(TreeFiles, ARootThatIsNoFolderIsNotFound) {
  try {
    TreeFiles("/etc/passwd");
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
    EXPECT_STREQ(error.what(), "cannot open /etc/passwd: Not a directory, expected a directory");
  }
}

}  // namespace
}  // namespace gpupass::tree_files_test
