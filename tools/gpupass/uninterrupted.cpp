// SPDX-License-Identifier: GPL-2.0-or-later
#include "uninterrupted.hpp"

namespace gpupass {

Uninterrupted::Uninterrupted() {
  sigset_t held;
  sigemptyset(&held);
  sigaddset(&held, SIGINT);
  sigaddset(&held, SIGTERM);
  sigaddset(&held, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

Uninterrupted::~Uninterrupted() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace gpupass
