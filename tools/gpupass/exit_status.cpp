// SPDX-License-Identifier: GPL-2.0-or-later
#include "exit_status.hpp"

namespace gpupass {

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage:
      return kUsage;
    case ErrorCode::Refused:
      return kRefused;
    case ErrorCode::Busy:
      return kBusy;
    case ErrorCode::Wedged:
      return kWedged;
    case ErrorCode::NotFound:
    case ErrorCode::Malformed:
    case ErrorCode::Unavailable:
    case ErrorCode::Timeout:
    case ErrorCode::System:
    case ErrorCode::Cancelled:
      break;
  }
  return kFailed;
}

int exit_status(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done:
    case Outcome::Already:
      return kDone;
    case Outcome::RolledBack:
      return kRolledBack;
    case Outcome::RollbackIncomplete:
      return kRollbackIncomplete;
    case Outcome::Pending:
      return kPending;
    case Outcome::Wedged:
      break;
  }
  return kWedged;
}

}  // namespace gpupass
