// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/fact.hpp"
#include "gpupass/host.hpp"
#include "gpupass/render.hpp"
#include "values/model.hpp"

/// The words and columns that all text results share: "-" is nothing, "?" is unknown.
namespace gpupass {

/// Rows of cells in columns, two spaces apart. Cells are counted in characters, not bytes.
class Table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  /// @param indent spaces in front of each line.
  std::string to_string(std::size_t indent = 0) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// The characters of valid UTF-8 text.
std::size_t width_of(std::string_view text);
/// Each line of a text that is not empty, this many spaces from the left.
std::string indented(std::string_view text, std::size_t spaces);
/// The first `width` characters; "..." at the end tells that there was more.
std::string shortened(const std::string& text, std::size_t width);
/// "125.8 GiB": for reading; exact sizes come from format_size().
std::string rounded_size(std::uint64_t bytes);

std::string text_of(const Fact<std::string>& fact);
std::string text_of(const Fact<int>& fact);
std::string text_of(const Fact<std::uint32_t>& fact);
std::string text_of(const Fact<std::vector<std::string>>& fact);
std::string text_of(const Fact<bool>& fact);
std::string joined(const std::vector<std::string>& texts, std::string_view separator = ", ");
std::string joined(const std::vector<PciAddress>& addresses);

}  // namespace gpupass
