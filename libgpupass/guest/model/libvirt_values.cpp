// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/libvirt_values.hpp"

#include <algorithm>

#include "values/lower.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

/// 0 for what is no unit.
std::uint64_t factor_of(std::string_view text) {
  const std::string unit = lower(text);
  if (unit.empty()) return 1024;
  if (unit == "b" || unit == "bytes") return 1;
  const auto power = std::string_view("kmgtpe").find(unit[0]);
  if (power == std::string_view::npos) return 0;
  const std::string rest = unit.substr(1);
  if (!rest.empty() && rest != "ib" && rest != "b") return 0;
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= rest == "b" ? 1000 : 1024;
  return factor;
}

}  // namespace

std::optional<CpuSet> set_from(std::string_view text) {
  CpuSet set;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view range = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    const bool without = range.starts_with('^');
    if (without) range.remove_prefix(1);
    const auto part = CpuSet::parse(range);
    if (!part || part->empty()) return std::nullopt;
    if (without)
      set -= *part;
    else
      set |= *part;
  }
  return set;
}

std::optional<std::uint64_t> bytes_from(const std::string& number, const std::string& unit) {
  const auto value = parse_number<std::uint64_t>(trimmed(number));
  const std::uint64_t factor = factor_of(unit);
  if (!value || factor == 0 || *value > UINT64_MAX / factor) return std::nullopt;
  return *value * factor;
}

}  // namespace gpupass
