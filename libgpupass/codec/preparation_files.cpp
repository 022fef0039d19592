// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/preparation_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "codec/home_file.hpp"
#include "gpupass/error.hpp"
#include "values/huge_pages.hpp"
#include "values/kernel_options.hpp"
#include "values/number.hpp"
#include "values/own_files.hpp"
#include "values/words.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kHead =
    "# Of gpupass: gpupass-prepare(8) says what it is for, and gpupass prepare --undo removes it.\n";
constexpr std::string_view kGrubStart = "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT ";
constexpr std::string_view kPagesStart = "w! ";
constexpr std::string_view kPagesMiddle = " - - - - ";

[[noreturn]] void refuse_file(std::string_view file) {
  throw Error(ErrorCode::Malformed, std::string(file),
              fmt::format("cannot read {}: saw other lines, expected those that gpupass writes", file),
              "move your own lines to a file of your own, and remove this one");
}

/// Behind the head. @throws Error Malformed without it.
std::string_view body_of(std::string_view content, std::string_view file) {
  if (!content.starts_with(kHead)) refuse_file(file);
  return content.substr(kHead.size());
}

/// What was understood must be all that there is.
template <typename T>
const T& expect_whole(const T& value, const std::optional<std::string>& again, std::string_view content,
                      std::string_view file) {
  if (again != content) refuse_file(file);
  return value;
}

std::optional<std::string> with_head(const std::vector<std::string>& lines) {
  if (lines.empty()) return std::nullopt;
  return fmt::format("{}{}", kHead, fmt::join(lines, "\n"));
}

std::optional<NodePages> pages_in(std::string_view line) {
  const std::size_t middle = line.find(kPagesMiddle);
  if (!line.starts_with(kPagesStart) || middle == line.npos) return std::nullopt;
  auto pages = pool_at(line.substr(kPagesStart.size(), middle - kPagesStart.size()));
  const auto count = parse_number<std::uint64_t>(line.substr(middle + kPagesMiddle.size()));
  if (!pages || !count) return std::nullopt;
  pages->count = *count;
  return pages;
}

}  // namespace

std::optional<std::string> to_grub_file(const std::vector<std::string>& kernel_options) {
  if (kernel_options.empty()) return std::nullopt;
  return with_head({fmt::format("{}{}\"", kGrubStart, fmt::join(kernel_options, " "))});
}

std::vector<std::string> parse_grub_file(std::string_view content) {
  std::string_view line = body_of(content, kGrubFile);
  if (!line.starts_with(kGrubStart) || !line.ends_with('"')) refuse_file(kGrubFile);
  line.remove_suffix(1);
  std::vector<std::string> options;
  for (const std::string_view option : words_of(line.substr(kGrubStart.size()))) options.emplace_back(option);
  if (!std::ranges::all_of(options, may_be_added)) refuse_file(kGrubFile);
  return expect_whole(options, to_grub_file(options), content, kGrubFile);
}

std::optional<std::string> to_modules_file(const std::vector<std::string>& modules) {
  return with_head(modules);
}

std::vector<std::string> parse_modules_file(std::string_view content) {
  std::vector<std::string> modules;
  for (const std::string_view line : lines_of(body_of(content, kModulesFile))) modules.emplace_back(line);
  if (!std::ranges::all_of(modules, is_driver_name)) refuse_file(kModulesFile);
  return expect_whole(modules, to_modules_file(modules), content, kModulesFile);
}

std::optional<std::string> to_pages_file(const std::vector<NodePages>& pages) {
  std::vector<std::string> lines;
  for (const NodePages& one : pages)
    lines.push_back(fmt::format("{}{}{}{}", kPagesStart, pool_path(one), kPagesMiddle, one.count));
  return with_head(lines);
}

std::vector<NodePages> parse_pages_file(std::string_view content) {
  std::vector<NodePages> pages;
  for (const std::string_view line : lines_of(body_of(content, kPagesFile))) {
    const auto one = pages_in(line);
    if (!one) refuse_file(kPagesFile);
    pages.push_back(*one);
  }
  return expect_whole(pages, to_pages_file(pages), content, kPagesFile);
}

}  // namespace gpupass
