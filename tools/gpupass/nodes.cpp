// SPDX-License-Identifier: GPL-2.0-or-later
#include "nodes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "shell_words.hpp"

namespace gpupass {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAtOnce = 64;
constexpr std::size_t kMostOfAnswer = 256 << 20;  // Of one answer.

[[noreturn]] void refuse_node(const std::string& text) {
  throw Error(
      ErrorCode::Usage, text,
      fmt::format("cannot reach '{}': expected ssh://[USER@]HOST[:PORT] or [USER@]HOST", printable(text)));
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Root runs none that the environment of an ordinary user names: sudo may pass it on.
std::string ssh_program() {
  if (geteuid() != 0) return "ssh";
  for (const char* program : {"/usr/local/bin/ssh", "/usr/bin/ssh"})
    if (access(program, X_OK) == 0) return program;
  return "/usr/bin/ssh";
}

/// The end of a pipe that is ours.
class PipeEnd {
 public:
  explicit PipeEnd(int fd) : fd_(fd) {}
  ~PipeEnd() { close(); }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void close() {
    if (open()) ::close(fd_);
    fd_ = -1;
  }
  /// Adds what is there to the text. Closes at the end.
  void read_into(std::string& text) {
    std::array<char, 65536> part;
    const ssize_t count = ::read(fd_, part.data(), part.size());
    if (count > 0) text.append(part.data(), static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) close();
  }

 private:
  int fd_;
};

std::array<int, 2> new_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(ErrorCode::System, "pipe", fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  return ends;
}

/// One ssh at work.
class Asked {
 public:
  Asked(std::vector<std::string> command, std::size_t index, Clock::time_point end)
      : index_(index), end_(end) {
    const auto out = new_pipe(), err = new_pipe();
    out_ = std::make_unique<PipeEnd>(out[0]);
    err_ = std::make_unique<PipeEnd>(err[0]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    const int failed =
        posix_spawnp(&pid_, command[0].c_str(), &actions, nullptr, pointers_to(command).data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    ::close(err[1]);
    if (failed != 0) {
      pid_ = 0;
      answer_.failure = fmt::format("{} does not start: {}", command[0], std::strerror(failed));
    }
  }
  ~Asked() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  std::size_t index() const { return index_; }
  /// A connection that ssh keeps for later calls may hold the other stream.
  bool over() const { return !out_->open(); }
  void add_to(std::vector<pollfd>& polled) const {
    for (const auto& end : {out_.get(), err_.get()})
      if (end->open()) polled.push_back({end->fd(), POLLIN, 0});
  }
  void take(const std::vector<pollfd>& polled) {
    const auto ready = [&](const PipeEnd& end) {
      return std::ranges::any_of(polled,
                                 [&](const pollfd& one) { return one.fd == end.fd() && one.revents != 0; });
    };
    if (out_->open() && ready(*out_)) out_->read_into(answer_.text);
    if (err_->open() && ready(*err_)) err_->read_into(complaint_);
    if (answer_.text.size() > kMostOfAnswer || complaint_.size() > kMostOfAnswer)
      give_up("it answers without an end");
    if (Clock::now() > end_) give_up("it did not answer in time");
  }
  NodeAnswer finished() {
    int status = 0;
    if (pid_ > 0) waitpid(pid_, &status, 0);
    pid_ = 0;
    for (pollfd rest{err_->fd(), POLLIN, 0}; err_->open() && poll(&rest, 1, 0) > 0;)
      err_->read_into(complaint_);
    if (answer_.failure.empty() && status != 0) answer_.failure = complaint();
    return std::move(answer_);
  }

 private:
  void give_up(const char* why) {
    answer_.failure = why;
    if (pid_ > 0) kill(pid_, SIGKILL);
    out_->close();
    err_->close();
  }
  /// What ssh, or gpupass there, said last.
  std::string complaint() const {
    std::istringstream lines(complaint_);
    std::string line, last;
    while (std::getline(lines, line))
      if (!line.empty() && line.front() != ' ') last = line;
    return last.empty() ? "it answered nothing" : printable(last);
  }

  std::size_t index_;
  Clock::time_point end_;
  pid_t pid_ = 0;
  std::unique_ptr<PipeEnd> out_, err_;
  NodeAnswer answer_;
  std::string complaint_;
};

}  // namespace

SshNode node_named(const std::string& text) {
  static const std::regex form(
      R"((ssh://)?(([A-Za-z0-9_][A-Za-z0-9._-]*)@)?([A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.%a-z]+\])(:([0-9]{1,5}))?)");
  std::smatch parts;
  constexpr std::size_t kUser = 2, kHost = 4, kColonPort = 5, kPort = 6, kScheme = 1;
  if (!std::regex_match(text, parts, form) || (parts[kColonPort].matched && !parts[kScheme].matched))
    refuse_node(text);
  std::string host = parts[kHost];
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  SshNode node{text.substr(parts[kScheme].length()), {}};
  if (parts[kPort].matched) node.ssh = {"-p", parts[kPort]};
  node.ssh.push_back("--");
  node.ssh.push_back(parts[kUser].str() + host);
  return node;
}

std::vector<SshNode> nodes_in(const std::string& text) {
  std::vector<SshNode> nodes;
  std::set<std::string> names;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name, more;
    if (!(words >> name)) continue;
    if (words >> more) refuse_node(name + " " + more);
    if (!names.insert(name).second)
      throw Error(ErrorCode::Usage, name, fmt::format("cannot look at {} twice", printable(name)));
    nodes.push_back(node_named(name));
  }
  if (nodes.empty())
    throw Error(ErrorCode::Usage, "--hosts",
                "cannot use --hosts: saw a file without hosts, expected one a line");
  return nodes;
}

std::vector<std::string> ssh_command(const SshNode& node, const std::vector<std::string>& words,
                                     bool terminal) {
  std::vector<std::string> command = {ssh_program()};
  if (terminal)
    command.emplace_back("-t");
  else
    command.insert(command.end(), {"-o", "BatchMode=yes"});
  command.insert(command.end(), {"-o", "ConnectTimeout=10"});
  command.insert(command.end(), node.ssh.begin(), node.ssh.end());
  std::string there = "gpupass";
  for (const std::string& word : words) there += " " + quoted(word);
  command.push_back(there);
  return command;
}

std::vector<NodeAnswer> ask_all(const std::vector<SshNode>& nodes, const std::vector<std::string>& words,
                                std::chrono::milliseconds patience,
                                const std::function<void(std::size_t answered)>& told) {
  std::vector<NodeAnswer> answers(nodes.size());
  std::vector<std::unique_ptr<Asked>> asked;
  std::size_t next = 0, answered = 0;
  while (next < nodes.size() || !asked.empty()) {
    for (; next < nodes.size() && asked.size() < kAtOnce; ++next)
      asked.push_back(std::make_unique<Asked>(ssh_command(nodes[next], words, /*terminal=*/false), next,
                                              Clock::now() + patience));
    std::vector<pollfd> polled;
    for (const auto& one : asked) one->add_to(polled);
    constexpr int kLookAgain = 100;  // Milliseconds, for those that are silent for too long.
    poll(polled.data(), polled.size(), kLookAgain);
    for (const auto& one : asked) {
      one->take(polled);
      if (!one->over()) continue;
      answers[one->index()] = one->finished();
      told(++answered);
    }
    std::erase_if(asked, [](const auto& one) { return one->over(); });
  }
  return answers;
}

void become(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  execvp(words[0].c_str(), pointers_to(words).data());
  throw Error(ErrorCode::Unavailable, words[0],
              fmt::format("cannot start {}: {}", words[0], std::strerror(errno)),
              "apt-get install openssh-client");
}

}  // namespace gpupass
