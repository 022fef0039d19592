// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/words.hpp"

#include <algorithm>

namespace gpupass {

namespace {

/// Cuts a text at any of `separators`, leaving out empty pieces.
std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  for (std::size_t start = text.find_first_not_of(separators); start != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(separators, start), text.size());
    pieces.push_back(text.substr(start, end - start));
    start = text.find_first_not_of(separators, end);
  }
  return pieces;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  return split(text, " \t\n");
}

std::vector<std::string_view> lines_of(std::string_view text) {
  return split(text, "\n");
}

}  // namespace gpupass
