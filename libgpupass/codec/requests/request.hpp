// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "codec/fields/field.hpp"

namespace gpupass {

/// By which name a request is known to the worker.
template <typename Request>
inline constexpr std::string_view kRequestName;
/// How long an answer may take where that is longer than SystemOptions says; else 0.
template <typename Request>
inline constexpr unsigned kLongestSeconds = 0;

}  // namespace gpupass
