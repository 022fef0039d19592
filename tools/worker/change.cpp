// SPDX-License-Identifier: GPL-2.0-or-later
#include "change.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gpupass/error.hpp"

using gpupass::Error;
using gpupass::ErrorCode;

std::mutex Change::goes_on_;

Change::Change(const std::string& lock, int caller) {
  if (!lock.empty()) {
    file_.emplace(lock, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0600);
    if (!file_->is_open() || flock(file_->descriptor(), LOCK_EX | LOCK_NB) != 0) {
      const std::string why = std::strerror(errno);
      throw Error(ErrorCode::System, lock, fmt::format("cannot lock {}: {}", lock, why));
    }
  }
  // Only now: whoever finds the file not locked can rely on it that no change begins.
  pollfd closed{caller, 0, 0};
  if (poll(&closed, 1, 0) > 0) _exit(0);
}

void Change::end_process() {
  goes_on_.lock();
  _exit(0);
}
