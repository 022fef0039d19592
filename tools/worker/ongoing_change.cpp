// SPDX-License-Identifier: GPL-2.0-or-later
#include "ongoing_change.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "system/files/errno_text.hpp"

namespace gpupass {

std::mutex OngoingChange::goes_on_;

OngoingChange::OngoingChange(const std::string& lock, int caller) {
  if (!lock.empty()) {
    file_ = open_file(lock, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0600);
    if (!file_ || flock(file_.number(), LOCK_EX | LOCK_NB) != 0) throw system_error("lock", lock, errno);
    // Programs inherit it: what they have started may outlive this process and them.
    fcntl(file_.number(), F_SETFD, 0);
  }
  // Check the caller only now, after locking: whoever finds the file unlocked can rely on it that no change
  // begins.
  pollfd closed{caller, 0, 0};
  if (poll(&closed, 1, 0) > 0) _exit(0);
}

void OngoingChange::end_process() {
  goes_on_.lock();
  _exit(0);
}

}  // namespace gpupass
