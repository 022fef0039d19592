// SPDX-License-Identifier: GPL-2.0-or-later
#include "again_while_busy.hpp"

#include <chrono>
#include <thread>

#include "exit_status.hpp"
#include "gpupass/error.hpp"

namespace gpupass {

namespace {

bool is_busy(const std::function<int()>& once, int& status) try {
  status = once();
  return status == kBusy;
} catch (const Error& error) {
  if (error.code() != ErrorCode::Busy) throw;
  return true;
}

}  // namespace

int again_while_busy(const std::function<int()>& once) {
  constexpr int kMostTries = 20;
  constexpr std::chrono::seconds kPause{1};
  int status = kDone;
  for (int tries = 1; tries < kMostTries; ++tries) {
    if (!is_busy(once, status)) return status;
    std::this_thread::sleep_for(kPause);
  }
  return once();
}

}  // namespace gpupass
