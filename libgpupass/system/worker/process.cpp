// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/worker/process.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "codec/document.hpp"
#include "codec/protocol.hpp"
#include "gpupass/error.hpp"
#include "system/files/errno_text.hpp"

namespace gpupass {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLongestLine = 64 << 20;  // Ten thousand domains have less.
constexpr auto kReaping = 1s;  // A killed process needs a moment to die, more on a busy machine.

/// The library that holds this code; empty where a program does.
std::string this_library() {
  Dl_info info{};
  void* entry = nullptr;
  const bool found = dladdr1(reinterpret_cast<void*>(&this_library), &info, &entry, RTLD_DL_LINKMAP) != 0;
  return found && entry ? static_cast<const link_map*>(entry)->l_name : "";
}

/// Beside the library or program in the folder where it was built, else where an installation puts it, as
/// seen from there.
std::string own_worker() {
  const std::string library = this_library();
  std::error_code error;
  const std::filesystem::path folder =
      std::filesystem::canonical(library.empty() ? "/proc/self/exe" : library, error).parent_path();
  const auto built = folder / "gpupass-worker";
  if (access(built.c_str(), X_OK) == 0) return built;
  return (folder / (library.empty() ? GPUPASS_WORKER_FROM_PROGRAM : GPUPASS_WORKER_FROM_LIBRARY))
      .lexically_normal();
}

/// The worker gets a socket as its standard input and output and nothing else of ours: no descriptor, no
/// blocked or ignored signal; and a process group of its own, so that an interrupt key does not reach into a
/// change.
pid_t spawn(const std::string& program, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
  if (!secure_getenv("GPUPASS_WORKER_STDERR"))
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  std::string name = "gpupass-worker";
  char* const arguments[] = {name.data(), nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw Error(ErrorCode::Unavailable, program,
                fmt::format("cannot start {}: {}", program, errno_text(error)));
  return pid;
}

/// Waits until the socket is ready. @throws Error Timeout.
void wait_for(int socket, short events, Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= 0ms) throw Error(ErrorCode::Timeout, "", "saw no answer");
    pollfd ready{socket, events, 0};
    const auto rest = static_cast<int>(std::min<std::chrono::milliseconds>(left, 1h).count());
    const int count = poll(&ready, 1, rest);
    if (count > 0) return;
    if (count < 0 && errno != EINTR) throw Error(ErrorCode::System, "", "cannot wait: " + errno_text(errno));
  }
}

[[noreturn]] void throw_ended() {
  throw Error(ErrorCode::Unavailable, "", "saw gpupass-worker end, expected an answer");
}

bool again() {
  return errno == EAGAIN || errno == EINTR;
}

}  // namespace

WorkerProcess::WorkerProcess(const std::string& program, Deadline deadline)
    : program_(program.empty() ? own_worker() : program) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    throw Error(ErrorCode::Unavailable, program_,
                fmt::format("cannot start {}: {}", program_, errno_text(errno)));
  socket_ = Fd(ends[0]);
  {
    const Fd theirs(ends[1]);  // Closed here at once, or the end of a worker that cannot work would not show.
    fcntl(theirs.number(), F_SETFL, 0);
    pid_ = spawn(program_, theirs.number());
  }
  try {
    read_greeting(deadline);
  } catch (...) {
    end();
    throw;
  }
}

WorkerProcess::~WorkerProcess() {
  end();
}

void WorkerProcess::end() {
  socket_ = Fd();
  kill(-pid_, SIGKILL);
  // A process that hangs in the kernel does not die: waiting for it would hang too. It is left to init.
  for (const auto deadline = std::chrono::steady_clock::now() + kReaping;
       waitpid(pid_, nullptr, WNOHANG) == 0 && std::chrono::steady_clock::now() < deadline;)
    std::this_thread::sleep_for(200us);
}

void WorkerProcess::read_greeting(Deadline deadline) {
  std::string seen;
  try {
    seen = receive(deadline);
  } catch (const Error& error) {
    throw Error(ErrorCode::Unavailable, program_, fmt::format("cannot start {}: {}", program_, error.what()),
                "Run it by hand to see why: it prints one line and waits.");
  }
  const auto greeting = json_in(seen, JsonPlace("the greeting of gpupass-worker"));
  if (!greeting || !greeting->is_object() || !greeting->contains("gpupass-worker") ||
      greeting->value("protocol", nlohmann::json()) != kWorkerProtocol)
    throw Error(
        ErrorCode::Unavailable, program_,
        fmt::format("cannot start {}: saw {:.80}, expected the greeting of gpupass-worker, protocol {}",
                    program_, seen, kWorkerProtocol));
}

bool WorkerProcess::ended() const {
  pollfd hung_up{socket_.number(), 0, 0};
  return poll(&hung_up, 1, 0) > 0;
}

void WorkerProcess::send(const std::string& line, Deadline deadline) {
  const std::string text = line + '\n';
  for (std::size_t sent = 0; sent < text.size();) {
    wait_for(socket_.number(), POLLOUT, deadline);
    // MSG_NOSIGNAL: a worker that has ended must not end its caller.
    const ssize_t count = ::send(socket_.number(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && !again()) throw_ended();
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
}

std::string WorkerProcess::receive(Deadline deadline) {
  for (std::size_t searched = 0;;) {
    if (const auto end = received_.find('\n', searched); end != received_.npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    searched = received_.size();
    if (searched > kLongestLine)
      throw Error(ErrorCode::Malformed, "", fmt::format("saw a line of more than {} bytes", kLongestLine));
    wait_for(socket_.number(), POLLIN, deadline);
    char chunk[65536];
    const ssize_t count = recv(socket_.number(), chunk, sizeof chunk, 0);
    if (count == 0 || (count < 0 && !again())) throw_ended();
    if (count > 0) received_.append(chunk, static_cast<std::size_t>(count));
  }
}

}  // namespace gpupass
