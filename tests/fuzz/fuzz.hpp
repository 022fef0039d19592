// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gpupass/error.hpp"

namespace gpupass {

/// Does something with foreign input. The one accepted failure is an Error.
template <typename Action>
void attempt(const Action& action) {
  try {
    action();
  } catch (const Error&) {
    return;
  }
}

/// Ends the program, which libFuzzer reports with the input.
inline void expect(bool holds) {
  if (!holds) std::abort();
}

/// What one target does with an input.
void fuzz(std::string_view input);

}  // namespace gpupass

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gpupass::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
