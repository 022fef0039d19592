// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/render.hpp"
#include "render/text/tone.hpp"

namespace gpupass {

struct TextCell {
  TextCell(std::string words, Tone with = Tone::Plain) : text(std::move(words)), tone(with) {}
  TextCell(std::string_view words, Tone with = Tone::Plain) : text(words), tone(with) {}
  TextCell(const char* words, Tone with = Tone::Plain) : text(words), tone(with) {}

  std::string text;
  Tone tone;
};

/// Rows of cells in columns, two spaces apart. Cells are counted in characters, not bytes.
class Table {
 public:
  void add(std::vector<TextCell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  /// Where the lines are too long for a view, columns get narrower, in the order of these calls. A column
  /// keeps this many characters.
  void may_narrow(std::size_t column, std::size_t at_least) { narrowing_.emplace_back(column, at_least); }
  std::size_t width() const;
  /// @param indent spaces in front of each line.
  std::string to_string(const View& view = {}, std::size_t indent = 0) const;

 private:
  std::vector<std::size_t> widths() const;
  std::vector<std::size_t> widths_within(std::size_t columns) const;

  std::vector<std::vector<TextCell>> rows_;
  std::vector<std::pair<std::size_t, std::size_t>> narrowing_;
};

}  // namespace gpupass
