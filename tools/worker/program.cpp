// SPDX-License-Identifier: GPL-2.0-or-later
//
// Not the library's way to start a program, which gives the worker one socket and lets it live: this one
// collects output and waits for the end.
#include "program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "gpupass/error.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kLongestOutput = 64 << 20;
constexpr std::size_t kLongestComplaint = 4096;

/// A pipe: what is written into one end is read from the other.
struct Pipe {
  int ends[2] = {-1, -1};
  explicit Pipe(const std::string& program) {
    if (pipe2(ends, O_CLOEXEC) != 0)
      throw Error(ErrorCode::System, program,
                  fmt::format("cannot run {}: {}", program, std::strerror(errno)));
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(int end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
};

/// In the child. It dies with this process, also when that is killed: nobody waits for it any more.
/// posix_spawn() cannot tell the kernel so.
[[noreturn]] void become(char* const* words, char* const* environment, pid_t parent, const Pipe& out,
                         const Pipe& err, const Pipe& failure) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || dup2(out.ends[1], STDOUT_FILENO) < 0 ||
      dup2(err.ends[1], STDERR_FILENO) < 0)
    _exit(127);
  execve(words[0], words, environment);
  const int error = errno;
  const ssize_t told = ::write(failure.ends[1], &error, sizeof error);
  _exit(told == sizeof error ? 127 : 126);
}

pid_t spawn(std::vector<std::string>& arguments, std::string& language, const Pipe& out, const Pipe& err) {
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path, language.data(), nullptr};
  Pipe failure(arguments.front());
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become(words.data(), environment, parent, out, err, failure);
  int error = child < 0 ? errno : 0;
  failure.close_end(1);
  while (child > 0 && ::read(failure.ends[0], &error, sizeof error) < 0 && errno == EINTR) {
  }
  if (child > 0 && error != 0) waitpid(child, nullptr, 0);
  if (error != 0)
    throw Error(ErrorCode::Unavailable, arguments.front(),
                fmt::format("cannot run {}: {}", arguments.front(), std::strerror(error)));
  return child;
}

/// Adds what has come. @returns whether more may come.
bool take(int pipe, std::string& text, std::size_t longest) {
  std::array<char, 65536> chunk;
  const ssize_t count = ::read(pipe, chunk.data(), chunk.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  text.append(chunk.data(), static_cast<std::size_t>(count));
  if (text.size() > longest) text.erase(0, text.size() - longest);
  return count > 0;
}

}  // namespace

Ended run_program(std::vector<std::string> arguments, std::string language) {
  Pipe out(arguments.front()), err(arguments.front());
  const pid_t child = spawn(arguments, language, out, err);
  out.close_end(1);
  err.close_end(1);
  Ended ended;
  pollfd open[] = {{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    if (poll(open, 2, -1) < 0 && errno != EINTR) break;
    if (open[0].revents != 0 && !take(open[0].fd, ended.output, kLongestOutput)) open[0].fd = -1;
    if (open[1].revents != 0 && !take(open[1].fd, ended.complaint, kLongestComplaint)) open[1].fd = -1;
  }
  while (waitpid(child, &ended.status, 0) < 0 && errno == EINTR) {
  }
  while (ended.complaint.ends_with('\n')) ended.complaint.pop_back();
  return ended;
}

std::string why_failed(const std::string& program, const Ended& ended) {
  return ended.complaint.empty() ? end_of(program, ended) : ended.complaint;
}

std::string end_of(const std::string& program, const Ended& ended) {
  if (WIFEXITED(ended.status))
    return fmt::format("{} ended with exit status {}", program, WEXITSTATUS(ended.status));
  return fmt::format("{} ended with signal {}", program, WTERMSIG(ended.status));
}

}  // namespace gpupass
