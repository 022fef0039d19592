// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <sstream>

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

std::string indented(std::string_view text, std::size_t spaces, const View& view) {
  std::string lines;
  for (const std::string_view line : lines_of(text))
    lines += fmt::format("{:{}}{}\n", "", spaces, wrapped(printable(line), view, spaces, spaces));
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
  return result.append(kMore.substr(0, width));
}

std::string renamed(std::string text, std::string_view name, std::string_view word) {
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + word.size()))
    text.replace(at, name.size(), word);
  return text;
}

std::string wrapped(const std::string& prose, const View& view, std::size_t indent, std::size_t first) {
  if (view.columns == 0 || first + width_of(prose) <= view.columns) return prose;
  const std::size_t longest = view.columns - std::min(indent, view.columns - 1);
  std::string text;
  std::size_t at = first;
  const auto add = [&](const std::string& word) {
    if (!text.empty() && at + 1 + width_of(word) <= view.columns) {
      text += ' ' + word;
      at += 1 + width_of(word);
      return;
    }
    if (!text.empty()) text += '\n' + std::string(indent, ' ');
    at = (text.empty() ? first : indent) + width_of(word);
    text += word;
  };
  std::istringstream words(prose);
  for (std::string word; words >> word; add(word))
    for (; word.size() > longest; word.erase(0, longest)) add(word.substr(0, longest));  // As a list of CPUs.
  return text;
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string brief_id(std::string_view id) {
  constexpr std::string_view kFamily = "gpu.";
  return printable(id.starts_with(kFamily) ? id.substr(kFamily.size()) : id);
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
