// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/cpu_map.hpp"

#include <bit>
#include <cstdint>

#include "values/number.hpp"

namespace gpupass {

std::optional<CpuSet> parse_cpu_map(std::string_view text) {
  CpuSet cpus;
  for (unsigned base = 0;; base += 32) {
    const std::size_t comma = text.rfind(',');
    const std::string_view group = comma == text.npos ? text : text.substr(comma + 1);
    auto bits = parse_number<std::uint32_t>(group, 16);
    if (!bits || group.size() > 8 || base > 0xffff) return std::nullopt;
    for (; *bits != 0; *bits &= *bits - 1) cpus.insert(base + static_cast<unsigned>(std::countr_zero(*bits)));
    if (comma == text.npos) return cpus;
    text = text.substr(0, comma);
  }
}

}  // namespace gpupass
