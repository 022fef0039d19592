// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "values/failure.hpp"

namespace gpupass {

/// Whether the hypervisor, or the worker that asks it, was not there to answer: what it was asked for may
/// have been done.
inline bool is_absence(const Error& error) {
  return error.code() == ErrorCode::Unavailable || error.code() == ErrorCode::Timeout;
}

}  // namespace gpupass
