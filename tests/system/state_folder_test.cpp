// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/files/state_folder.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "gpupass/error.hpp"
#include "support/temp_tree.hpp"
#include "system/live_system.hpp"

namespace gpupass::state_folder_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct StateFolderTest : ::testing::Test {
  TempTree tree;
  std::string path = tree.path("/gpupass");
  StateFolder state{path, StateFolder::Lasts::Always, 0640};

  /// What kind of error an action throws; nullopt: none.
  template <typename Action>
  static std::optional<ErrorCode> error_of(Action action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return std::nullopt;
  }
  mode_t mode_of(const std::string& name) const {
    struct stat status;
    return stat(tree.path(name).c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
};

TEST_F(StateFolderTest, SavesAndMakesTheFoldersOnTheWay) {
  const mode_t before = umask(077);
  state.save(path + "/home/0000:65:00.0", "one\n");
  umask(before);
  EXPECT_EQ(tree.content("/gpupass/home/0000:65:00.0"), "one\n");
  EXPECT_EQ(mode_of("/gpupass"), 0755U);
  EXPECT_EQ(mode_of("/gpupass/home"), 0755U);
  EXPECT_EQ(mode_of("/gpupass/home/0000:65:00.0"), 0640U);
  state.save(path + "/home/0000:65:00.0", "");
  EXPECT_EQ(tree.content("/gpupass/home/0000:65:00.0"), "");
  EXPECT_THAT(*LiveSystem(SystemOptions()).list(path), ElementsAre("home"));
}

TEST_F(StateFolderTest, RemovesWhatIsThereAndAcceptsWhatIsNot) {
  state.remove(path + "/home/a");
  EXPECT_FALSE(std::filesystem::exists(path)) << "nothing is made to remove something";
  state.save(path + "/home/a", "x");
  state.remove(path + "/home/a");
  state.remove(path + "/home/a");
  EXPECT_FALSE(std::filesystem::exists(path + "/home/a"));
}

TEST_F(StateFolderTest, WhatACrashLeftBehindIsReplaced) {
  state.save(path + "/home/a", "x");
  tree.file("/gpupass/.new", "half a fi");
  state.save(path + "/home/a", "y");
  EXPECT_EQ(tree.content("/gpupass/home/a"), "y");
  EXPECT_THAT(*LiveSystem(SystemOptions()).list(path + "/home"), ElementsAre("a"));
}

TEST_F(StateFolderTest, AReaderSeesTheOldContentOrTheNew) {
  const std::string old_content(100'000, 'a'), new_content(100'000, 'b');
  state.save(path + "/home/a", old_content);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) state.save(path + "/home/a", i % 2 == 0 ? new_content : old_content);
    done = true;
  });
  while (!done) {
    const auto seen = LiveSystem(SystemOptions()).read(path + "/home/a");
    EXPECT_TRUE(seen && (*seen == old_content || *seen == new_content));
  }
  writer.join();
}

TEST_F(StateFolderTest, RefusesWhatIsNotBelowIt) {
  for (const std::string& elsewhere :
       {std::string("/etc/passwd"), path, path + "/", path + "x/a", path + "/../a", path + "/home/../../a",
        path + "/home//a", path + "/home/", path + "/.new", path + "/home/./a", std::string("gpupass/a"),
        path + std::string("/a\0b", 4)}) {
    EXPECT_EQ(error_of([&] { state.save(elsewhere, "x"); }), ErrorCode::Refused) << elsewhere;
    EXPECT_EQ(error_of([&] { state.remove(elsewhere); }), ErrorCode::Refused) << elsewhere;
  }
}

TEST_F(StateFolderTest, FollowsNoLinkThatSomebodyPlanted) {
  tree.folder("/elsewhere");
  tree.link("/gpupass", "elsewhere");
  EXPECT_EQ(error_of([&] { state.save(path + "/home/a", "x"); }), ErrorCode::System);
  EXPECT_EQ(error_of([&] { state.remove(path + "/home/a"); }), ErrorCode::System);
  EXPECT_EQ(error_of([&] { state.lock("a"); }), ErrorCode::System);
  EXPECT_TRUE(std::filesystem::is_empty(tree.path("/elsewhere")));

  tree.remove("/gpupass");
  tree.link("/gpupass/home", "../elsewhere");
  EXPECT_EQ(error_of([&] { state.save(path + "/home/a", "x"); }), ErrorCode::System);
  EXPECT_TRUE(std::filesystem::is_empty(tree.path("/elsewhere")));

  const std::string victim = tree.file("/victim", "kept");
  tree.link("/gpupass/.new-a", victim);
  tree.link("/gpupass/a", victim);
  tree.folder("/gpupass/locks");
  tree.link("/gpupass/locks/a", victim);
  state.save(path + "/a", "x");
  EXPECT_EQ(tree.content("/gpupass/a"), "x");
  EXPECT_EQ(error_of([&] { state.lock("a"); }), ErrorCode::System);
  EXPECT_EQ(tree.content("/victim"), "kept");
}

TEST_F(StateFolderTest, RefusesAFolderThatOthersMayChange) {
  tree.folder("/gpupass");
  chmod(path.c_str(), 0777);
  EXPECT_EQ(error_of([&] { state.save(path + "/a", "x"); }), ErrorCode::Refused);
  EXPECT_EQ(error_of([&] { state.lock("a"); }), ErrorCode::Refused);
  chmod(path.c_str(), 0755);
  if (chown(path.c_str(), 65534, 65534) != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(error_of([&] { state.save(path + "/a", "x"); }), ErrorCode::Refused);
  EXPECT_EQ(error_of([&] { state.remove(path + "/a"); }), ErrorCode::Refused);
}

TEST_F(StateFolderTest, OneAtATimeHoldsTheLock) {
  auto lock = state.lock("a");
  try {
    state.lock("a");
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_EQ(error.subject(), path + "/locks/a");
    EXPECT_STREQ(error.what(), "cannot lock a: another gpupass holds it");
  }
  EXPECT_EQ(mode_of("/gpupass/locks/a"), 0600U) << "whoever can open it could hold it";
  lock.reset();
  EXPECT_NO_THROW(lock = state.lock("a"));
}

TEST_F(StateFolderTest, LocksAreApartByTheirNames) {
  const auto lock = state.lock("a");
  EXPECT_NO_THROW(state.lock("b"));
  EXPECT_EQ(error_of([&] { state.lock("../a"); }), ErrorCode::Refused);
}

TEST_F(StateFolderTest, NobodyLocksWhatIsBeingWritten) {
  state.lock("a");
  EXPECT_EQ(state.writing_lock("a"), path + "/locks/a.writing");
  EXPECT_EQ(state.writing_lock(""), "");
  const int writing = open(state.writing_lock("a").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(writing, 0);
  ASSERT_EQ(flock(writing, LOCK_EX), 0);
  EXPECT_EQ(error_of([&] { state.lock("a"); }), ErrorCode::Busy);
  close(writing);
  EXPECT_NO_THROW(state.lock("a"));
}

TEST_F(StateFolderTest, AppendsForRootAlone) {
  state.append(path + "/journal/1", "one\n", true);
  state.append(path + "/journal/1", "two\n", false);
  EXPECT_EQ(tree.content("/gpupass/journal/1"), "one\ntwo\n");
  EXPECT_EQ(mode_of("/gpupass/journal/1"), 0600U);
  const std::string victim = tree.file("/victim", "kept");
  tree.link("/gpupass/journal/2", victim);
  EXPECT_EQ(error_of([&] { state.append(path + "/journal/2", "x", true); }), ErrorCode::System);
  EXPECT_EQ(error_of([&] { state.append("/elsewhere", "x", true); }), ErrorCode::Refused);
  EXPECT_EQ(tree.content("/victim"), "kept");
}

TEST_F(StateFolderTest, RenamesWithinAFolder) {
  state.append(path + "/journal/1", "one\n", true);
  state.rename(path + "/journal/1", path + "/journal/1.over");
  EXPECT_EQ(tree.content("/gpupass/journal/1.over"), "one\n");
  EXPECT_EQ(error_of([&] { state.rename(path + "/journal/1", path + "/journal/2"); }), ErrorCode::System);
  EXPECT_EQ(error_of([&] { state.rename(path + "/journal/1.over", path + "/other/1"); }), ErrorCode::System);
  EXPECT_EQ(error_of([&] { state.rename(path + "/journal/1.over", "/elsewhere"); }), ErrorCode::Refused);
}

TEST_F(StateFolderTest, TheLockEndsWithItsProcess) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    const auto lock = state.lock("a");
    if (::write(ready[1], "x", 1) != 1) _exit(1);
    pause();
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(error_of([&] { state.lock("a"); }), ErrorCode::Busy);
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  EXPECT_NO_THROW(state.lock("a"));
}

}  // namespace
}  // namespace gpupass::state_folder_test
