// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "system/files/fd.hpp"

namespace gpupass {

/// When an answer must have come.
using Deadline = std::chrono::steady_clock::time_point;

/// One running worker, spoken to line by line. Killed, with what it started, when it is destroyed.
/// Errors say only what was seen; the caller knows what was requested.
class WorkerProcess {
 public:
  /// Starts the program, "" for that beside the library, and reads its greeting. @throws Error Unavailable.
  WorkerProcess(const std::string& program, Deadline deadline);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// Whether it has ended by itself.
  bool ended() const;
  /// @throws Error Timeout, or Unavailable when the worker has ended.
  void send(const std::string& line, Deadline deadline);
  /// The next line, without its end. @throws Error as send(), Malformed when it is too long.
  std::string receive(Deadline deadline);

 private:
  void read_greeting(Deadline deadline);
  void end();

  std::string program_;
  Fd socket_;
  pid_t pid_ = -1;
  std::string received_;
};

}  // namespace gpupass
