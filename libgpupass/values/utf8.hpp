// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gpupass {

struct Utf8Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  ///< 0: no valid UTF-8.
};

/// The character that a text begins with. The text must not be empty.
Utf8Character decode_utf8(std::string_view text);

/// How many bytes at the begin of a text are valid UTF-8.
std::size_t valid_utf8(std::string_view text);

}  // namespace gpupass
