// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <mutex>
#include <string>

#include "file.hpp"

namespace gpupass {

/// One running change of the machine. The caller may be killed or stop waiting, but libvirt and the kernel go
/// on. So this process stays until the change ends, and its lock tells others that the change is still
/// running.
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
