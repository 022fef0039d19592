// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "gpupass/error.hpp"

namespace gpupass {

/// An error in the one form that they all have.
inline Error failure(ErrorCode code, std::string_view verb, const std::string& subject, std::string_view saw,
                     std::string_view expected) {
  return Error(code, subject, fmt::format("cannot {} {}: saw {}, expected {}", verb, subject, saw, expected));
}

}  // namespace gpupass
