// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "gpupass/apply.hpp"
#include "gpupass/error.hpp"

namespace gpupass {

/// What the exit status tells; see gpupass(8).
enum ExitStatus : int {
  kDone = 0,
  kFailed = 1,  ///< Nothing was changed.
  kUsage = 2,
  kRefused = 3,
  kRolledBack = 4,
  kRollbackIncomplete = 5,
  kWedged = 6,
  kPending = 7,
  kBusy = 8,
  kDiffers = 9,
};

int exit_status(ErrorCode code);
int exit_status(Outcome outcome);

}  // namespace gpupass
