// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "gpupass/render.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

template <typename T, typename Show>
std::string shown(const Fact<T>& fact, Show show) {
  if (fact) return show(*fact);
  return fact.absent() ? "-" : "?";
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::string indented(std::string_view text, std::size_t spaces) {
  std::string lines;
  for (const std::string_view line : lines_of(text))
    lines += fmt::format("{:{}}{}\n", "", spaces, printable(line));
  return lines;
}

std::string shortened(const std::string& text, std::size_t width) {
  constexpr std::string_view kMore = "...";
  if (width_of(text) <= width) return text;
  std::string result;
  for (const char byte : text) {
    const std::string longer = result + byte;
    if (width_of(longer) > width - std::min(width, kMore.size())) break;
    result = longer;
  }
  return result.append(kMore);
}

std::string Table::to_string(std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string rounded_size(std::uint64_t bytes) {
  constexpr std::array kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  const bool whole = size == static_cast<double>(static_cast<std::uint64_t>(size));
  return whole ? fmt::format("{:.0f} {}", size, kUnits[unit]) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string text_of(const Fact<std::string>& fact) {
  return shown(fact,
               [](const std::string& text) { return text.empty() ? std::string("-") : printable(text); });
}

std::string text_of(const Fact<int>& fact) {
  return shown(fact, [](int number) { return fmt::to_string(number); });
}

std::string text_of(const Fact<std::uint32_t>& fact) {
  return shown(fact, [](std::uint32_t number) { return fmt::to_string(number); });
}

std::string text_of(const Fact<bool>& fact) {
  return shown(fact, [](bool yes) { return std::string(yes ? "yes" : "no"); });
}

std::string text_of(const Fact<std::vector<std::string>>& fact) {
  return shown(fact, [](const auto& texts) { return texts.empty() ? std::string("none") : joined(texts); });
}

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  return printable(fmt::format("{}", fmt::join(texts, separator)));
}

std::string joined(const std::vector<PciAddress>& addresses) {
  std::vector<std::string> texts;
  for (const PciAddress address : addresses) texts.push_back(address.to_string());
  return joined(texts);
}

}  // namespace gpupass
