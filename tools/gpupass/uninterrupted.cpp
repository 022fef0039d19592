// SPDX-License-Identifier: GPL-2.0-or-later
#include "uninterrupted.hpp"

namespace gpupass {

Uninterrupted::Uninterrupted() {
  sigset_t held;
  sigemptyset(&held);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&held, number);
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

Uninterrupted::~Uninterrupted() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace gpupass
