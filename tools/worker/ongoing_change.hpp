// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <mutex>
#include <string>

#include "file.hpp"

namespace gpupass {

/// One change of the machine that goes on. Whoever asked for it may be killed meanwhile, or give up waiting;
/// libvirt and the kernel go on. So this process stays until it is through, and holds a lock that tells
/// others that what is being changed is not at rest.
class OngoingChange {
 public:
  /// Holds the file `lock`; none when that is empty. Does not return when the caller, at the other end of
  /// `caller`, has gone by then: nobody asks for it any more. @throws gpupass::Error when another process
  /// holds the file.
  OngoingChange(const std::string& lock, int caller);
  OngoingChange(const OngoingChange&) = delete;
  OngoingChange& operator=(const OngoingChange&) = delete;

  /// Ends this process once no change goes on.
  [[noreturn]] static void end_process();

 private:
  static std::mutex goes_on_;
  const std::lock_guard<std::mutex> until_done_{goes_on_};
  Fd file_;
};

}  // namespace gpupass
