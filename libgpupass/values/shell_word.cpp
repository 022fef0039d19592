// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/shell_word.hpp"

namespace gpupass {

std::string shell_word(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
  if (!name.empty() && name.find_first_not_of(kPlain) == name.npos) return std::string(name);
  std::string word = "'";
  for (const char character : name)
    word += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return word + "'";
}

}  // namespace gpupass
