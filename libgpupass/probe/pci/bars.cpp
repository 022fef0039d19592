// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>

#include "probe/pci/attributes.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

// Flags of include/linux/ioport.h.
constexpr std::uint64_t kMemory = 0x200;
constexpr std::uint64_t kPrefetchable = 0x2000;
constexpr std::uint64_t k64Bit = 0x100000;

constexpr std::size_t kRows = 7;  // Six BARs and the ROM; behind them stand SR-IOV BARs and bridge windows.

/// "0xSTART 0xEND 0xFLAGS".
std::optional<std::array<std::uint64_t, 3>> parse_row(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  std::array<std::uint64_t, 3> row{};
  if (words.size() != row.size()) return std::nullopt;
  for (std::size_t column = 0; column < row.size(); ++column) {
    const auto number = parse_number<std::uint64_t>(words[column], 16);
    if (!number || !words[column].starts_with("0x")) return std::nullopt;
    row[column] = *number;
  }
  return row;
}

std::optional<std::vector<Bar>> parse_bars(std::string_view text) {
  const std::vector<std::string_view> lines = lines_of(text);
  if (lines.size() < kRows) return std::nullopt;
  std::vector<Bar> bars;
  for (unsigned index = 0; index < kRows; ++index) {
    const auto row = parse_row(lines[index]);
    if (!row) return std::nullopt;
    const auto [start, end, flags] = *row;
    if (start == 0 && end == 0) continue;  // Not there, or the upper half of the 64-bit BAR before it.
    if (end < start || end - start == UINT64_MAX) return std::nullopt;
    bars.push_back({index, start, end - start + 1, (flags & kMemory) != 0, (flags & k64Bit) != 0,
                    (flags & kPrefetchable) != 0});
  }
  return bars;
}

}  // namespace

const Form<std::vector<Bar>> kBars{parse_bars, "rows of start, end and flags"};

}  // namespace gpupass
