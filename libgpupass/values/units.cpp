// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/units.hpp"

#include <fmt/format.h>

#include <limits>

#include "values/number.hpp"

namespace gpupass {

namespace {
constexpr std::string_view kSuffixes = "KMGT";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  unsigned shift = 0;
  const auto suffix = text.find_first_not_of("0123456789");
  if (suffix != text.npos) {
    const std::string_view unit = text.substr(suffix);
    const auto power = kSuffixes.find(unit.front());
    if (power == kSuffixes.npos || (unit.size() > 1 && unit.substr(1) != "iB")) return std::nullopt;
    shift = 10 * (static_cast<unsigned>(power) + 1);
    text = text.substr(0, suffix);
  }
  const auto number = parse_number<std::uint64_t>(text);
  if (!number || *number > (std::numeric_limits<std::uint64_t>::max() >> shift)) return std::nullopt;
  return *number << shift;
}

std::string format_size(std::uint64_t bytes) {
  if (bytes == 0) return "0";
  std::string suffix;
  for (const char unit : kSuffixes) {
    if (bytes % 1024 != 0) break;
    bytes /= 1024;
    suffix = unit;
  }
  return fmt::to_string(bytes) + suffix;
}

}  // namespace gpupass
