// SPDX-License-Identifier: GPL-2.0-or-later
#include "shell_words.hpp"

#include <cstdlib>

namespace gpupass {

std::string unquoted(std::string_view word) {
  std::string text;
  if (const char* home = std::getenv("HOME"); home && word.starts_with("~/")) {
    text = home;
    word.remove_prefix(1);
  }
  char quote = 0;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const char letter = word[at];
    if (letter == quote)
      quote = 0;
    else if (quote == 0 && (letter == '\'' || letter == '"'))
      quote = letter;
    else if (letter == '\\' && quote != '\'' && at + 1 < word.size())
      text += word[++at];
    else
      text += letter;
  }
  return text;
}

std::string quoted(std::string_view word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace gpupass
