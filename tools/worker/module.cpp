// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gpupass/error.hpp"
#include "operations.hpp"

using gpupass::Error;
using gpupass::ErrorCode;
using nlohmann::json;

namespace {

constexpr char kModprobe[] = "/sbin/modprobe";

bool is_module_name(const std::string& name) {
  return !name.empty() && name.front() != '-' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == name.npos;
}

/// What a program says on its standard error output, and how it ended.
struct Ended {
  int status = 0;
  std::string complaint;
};

Ended run_modprobe(std::string name) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0)
    throw Error(ErrorCode::System, name, fmt::format("cannot load {}: {}", name, std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
  std::string program = kModprobe;
  std::string end_of_options = "--";
  char* const arguments[] = {program.data(), end_of_options.data(), name.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, kModprobe, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);

  Ended ended;
  char chunk[1024];
  for (ssize_t count; error == 0 && (count = ::read(pipe_ends[0], chunk, sizeof chunk)) > 0;)
    if (ended.complaint.size() < 4096) ended.complaint.append(chunk, static_cast<std::size_t>(count));
  close(pipe_ends[0]);
  if (error != 0)
    throw Error(ErrorCode::Unavailable, name,
                fmt::format("cannot load {}: {}: {}", name, kModprobe, std::strerror(error)),
                "Install the package kmod.");
  while (waitpid(child, &ended.status, 0) < 0 && errno == EINTR) {
  }
  return ended;
}

}  // namespace

json load_module(const Request& request) {
  const std::string name = request.text("name");
  if (!is_module_name(name))
    throw Error(ErrorCode::Usage, name,
                fmt::format("cannot load \"{}\": expected a module name of a-z, 0-9, _ and -", name));
  Ended ended = run_modprobe(name);
  if (ended.status == 0) return nullptr;
  while (ended.complaint.ends_with('\n')) ended.complaint.pop_back();
  if (ended.complaint.empty()) ended.complaint = fmt::format("modprobe ended with status {}", ended.status);
  throw Error(ErrorCode::System, name, fmt::format("cannot load {}: {}", name, ended.complaint));
}
