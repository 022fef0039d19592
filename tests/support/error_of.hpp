// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include "gpupass/error.hpp"

namespace gpupass {

/// The error that a call ends with; fails the test when it does not.
template <typename Call>
Error error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "was not refused";
  return {ErrorCode::System, "", ""};
}

}  // namespace gpupass
