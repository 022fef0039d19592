// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "codec/protocol.hpp"
#include "support/temp_tree.hpp"

/// Sets an environment variable for as long as it lives.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~ScopedVariable() { unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
};

/// A shell script in the place of the worker.
class WorkerDouble {
 public:
  explicit WorkerDouble(const std::string& script) {
    chmod(tree_.file("/worker", "#!/bin/sh\n" + script + "\n").c_str(), 0755);
  }
  std::string program() const { return tree_.path("/worker"); }

 private:
  gpupass::TempTree tree_;
};

/// The greeting, as a line of a script.
inline const std::string kGreeting =
    fmt::format(R"(echo '{{"gpupass-worker":"0","protocol":{}}}';)", gpupass::kWorkerProtocol);

inline std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator names("/proc/self/fd");
  return std::distance(begin(names), end(names));
}

/// Whether this process has any child, running or waiting to be reaped.
inline bool has_children() {
  return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}
