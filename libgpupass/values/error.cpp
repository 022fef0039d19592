// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/error.hpp"

#include <utility>

namespace gpupass {

Error::Error(ErrorCode code, std::string subject, const std::string& message, std::string hint)
    : std::runtime_error(message), code_(code), subject_(std::move(subject)), hint_(std::move(hint)) {}

}  // namespace gpupass
