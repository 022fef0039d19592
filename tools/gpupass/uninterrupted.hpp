// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <csignal>

namespace gpupass {

/// While it lives, the signals that end a program at a user's wish wait: a change is finished or undone, and
/// reported, before the process goes. SIGQUIT still ends it at once.
class Uninterrupted {
 public:
  Uninterrupted();
  ~Uninterrupted();
  Uninterrupted(const Uninterrupted&) = delete;
  Uninterrupted& operator=(const Uninterrupted&) = delete;

 private:
  sigset_t before_;
};

}  // namespace gpupass
