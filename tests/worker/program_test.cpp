// SPDX-License-Identifier: LGPL-2.1-or-later
#include "program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "gpupass/error.hpp"
#include "ongoing_change.hpp"
#include "support/temp_tree.hpp"

namespace gpupass::program_test {
namespace {

using namespace std::chrono_literals;

/// Whether it comes true soon.
bool soon(const std::function<bool()>& condition) {
  for (int tries = 0; tries < 600; ++tries, std::this_thread::sleep_for(50ms))
    if (condition()) return true;
  return false;
}

/// Runs a shell command in a process that is killed when the command has written its file "pid".
/// @returns what it has written.
pid_t pid_from_killed_worker(const TempTree& tree, const std::string& command, const std::string& lock) {
  const pid_t worker = fork();
  if (worker == 0) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) _exit(1);
    const OngoingChange change(lock, ends[1]);
    run_program({"/bin/sh", "-c", command});
    _exit(0);
  }
  pid_t seen = 0;
  EXPECT_TRUE(soon([&] { return static_cast<bool>(std::ifstream(tree.path("/pid")) >> seen); }));
  kill(worker, SIGKILL);
  waitpid(worker, nullptr, 0);
  return seen;
}

/// Gone, or dead and not yet waited for.
bool is_dead(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return !(status >> number >> name >> state) || state == "Z" || state == "X";
}

bool is_locked(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  const bool locked = flock(file, LOCK_EX | LOCK_NB) != 0;
  close(file);
  return locked;
}

TEST(Program, IsKilledWithTheWorker) {
  const TempTree tree;
  const std::string file = tree.path("/pid");
  const pid_t program = pid_from_killed_worker(
      tree, "echo $$ >" + file + ".new; mv " + file + ".new " + file + "; exec sleep 600", "");
  EXPECT_TRUE(soon([&] { return is_dead(program); }));
  if (program > 0) kill(program, SIGKILL);
}

TEST(Program, KeepsTheLockOfAChangeAsLongAsAnythingThatItStartedRuns) {
  const TempTree tree;
  const std::string file = tree.path("/pid"), lock = tree.path("/lock");
  const pid_t left = pid_from_killed_worker(
      tree, "sleep 600 & echo $! >" + file + ".new; mv " + file + ".new " + file + "; wait", lock);
  EXPECT_FALSE(is_dead(left));
  EXPECT_TRUE(is_locked(lock));
  if (left > 0) kill(left, SIGKILL);
  EXPECT_TRUE(soon([&] { return !is_locked(lock); }));
}

TEST(Program, ThatIsMissingIsAnError) {
  EXPECT_THROW(run_program({"/nonexistent/program"}), Error);
}

TEST(Program, HandsOverWhatItSaid) {
  const Ended ended = run_program({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(ended.output, "out\n");
  EXPECT_EQ(ended.complaint, "err");
  EXPECT_EQ(WEXITSTATUS(ended.status), 3);
}

}  // namespace
}  // namespace gpupass::program_test
