// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

namespace gpupass {

/// Reads the whole of `text` as a number in `base`, with a "0x" in front allowed for base 16.
/// @returns nullopt for anything else: empty text, a sign on an unsigned type, a trailing character,
/// overflow.
template <typename T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) text.remove_prefix(2);
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// Reads exactly so many hexadecimal digits, and nothing in front of them.
template <typename T>
std::optional<T> parse_digits(std::string_view text, std::size_t digits) {
  if (text.size() != digits || text.starts_with("0x") || text.starts_with("0X")) return std::nullopt;
  return parse_number<T>(text, 16);
}

}  // namespace gpupass
