// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/error.hpp"

#include <utility>

namespace gpupass {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage:
      return "usage";
    case ErrorCode::NotFound:
      return "not-found";
    case ErrorCode::Malformed:
      return "malformed";
    case ErrorCode::Refused:
      return "refused";
    case ErrorCode::Unavailable:
      return "unavailable";
    case ErrorCode::Busy:
      return "busy";
    case ErrorCode::Timeout:
      return "timeout";
    case ErrorCode::Wedged:
      return "wedged";
    case ErrorCode::System:
      return "system";
  }
  return "system";
}

Error::Error(ErrorCode code, std::string subject, const std::string& message, std::string hint)
    : std::runtime_error(message), code_(code), subject_(std::move(subject)), hint_(std::move(hint)) {}

}  // namespace gpupass
