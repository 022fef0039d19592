// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/agent/base64.hpp"

#include <cstdint>

namespace gpupass {

namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  for (; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;  // Of bits that belong to no byte yet.
  for (const char digit : text) {
    const auto value = kDigits.find(digit);
    if (value == kDigits.npos) return std::nullopt;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  const bool left = (bits & ((1U << count) - 1)) != 0;  // A longer text would have told more.
  return left ? std::nullopt : std::optional(bytes);
}

}  // namespace gpupass
