// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "values/error.hpp"

namespace gpupass {

/// Whether the hypervisor or the worker went away before it answered: the request may have been carried out.
inline bool is_absence(const Error& error) {
  return error.code() == ErrorCode::Unavailable || error.code() == ErrorCode::Timeout;
}

}  // namespace gpupass
