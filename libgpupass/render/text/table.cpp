// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/table.hpp"

#include <algorithm>
#include <numeric>

#include "render/text/text.hpp"

namespace gpupass {

namespace {

constexpr std::size_t kGap = 2;

std::size_t line_width(const std::vector<std::size_t>& widths) {
  const std::size_t cells = std::accumulate(widths.begin(), widths.end(), std::size_t{0});
  return widths.empty() ? 0 : cells + kGap * (widths.size() - 1);
}

}  // namespace

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  return widths;
}

std::size_t Table::width() const {
  return line_width(widths());
}

std::vector<std::size_t> Table::widths_within(std::size_t columns) const {
  std::vector<std::size_t> widths = this->widths();
  for (const auto& [column, at_least] : narrowing_) {
    const std::size_t width = line_width(widths);
    if (width <= columns) break;
    if (column >= widths.size() || widths[column] <= at_least) continue;
    widths[column] -= std::min(width - columns, widths[column] - at_least);
  }
  return widths;
}

std::string Table::to_string(const View& view, std::size_t indent) const {
  const std::size_t columns =
      view.columns == 0 ? std::string::npos : view.columns - std::min(indent, view.columns);
  const std::vector<std::size_t> widths = widths_within(columns);
  std::string text;
  for (const auto& row : rows_) {
    text.append(indent, ' ');
    std::size_t at = 0, start = 0;  // Where the line ends so far, and where the column begins.
    for (std::size_t i = 0; i < row.size() && start < columns; ++i) {
      const std::string cell = shortened(row[i].text, std::min(widths[i], columns - start));
      if (!cell.empty()) {
        text += std::string(start - at, ' ') + toned(cell, row[i].tone, view);
        at = start + width_of(cell);
      }
      start += widths[i] + kGap;
    }
    text += '\n';
  }
  return text;
}

}  // namespace gpupass
