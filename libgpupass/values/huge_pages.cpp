// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/huge_pages.hpp"

#include <fmt/format.h>

#include "gpupass/units.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kStart = "/sys/devices/system/node/node";
constexpr std::string_view kMiddle = "/hugepages/hugepages-";
constexpr std::string_view kEnd = "kB/nr_hugepages";

}  // namespace

std::string pool_path(const NodePages& pages) {
  return fmt::format("{}{}{}{}{}", kStart, pages.node, kMiddle, pages.page_size_bytes / 1024, kEnd);
}

std::optional<NodePages> pool_at(std::string_view path) {
  const std::size_t middle = path.find(kMiddle);
  if (!path.starts_with(kStart) || !path.ends_with(kEnd) || middle == path.npos) return std::nullopt;
  const auto node = parse_number<unsigned>(path.substr(kStart.size(), middle - kStart.size()));
  path.remove_suffix(kEnd.size());
  const std::size_t size = middle + kMiddle.size();
  const auto kib = size > path.size() ? std::nullopt : parse_number<std::uint64_t>(path.substr(size));
  if (!node || !kib || *kib == 0 || *kib > UINT64_MAX / 1024) return std::nullopt;
  return NodePages{*node, *kib * 1024, 0};
}

std::string text_of(const NodePages& pages) {
  return fmt::format("{}:{}:{}", pages.node, format_size(pages.page_size_bytes), pages.count);
}

std::optional<NodePages> parse_node_pages(std::string_view text) {
  const std::size_t first = text.find(':'), second = text.find(':', first + 1);
  if (first == text.npos || second == text.npos) return std::nullopt;
  const std::string_view size = text.substr(first + 1, second - first - 1);
  const auto node = parse_number<unsigned>(text.substr(0, first));
  const auto count = parse_number<std::uint64_t>(text.substr(second + 1));
  if (!node || !count || (size != "2M" && size != "1G")) return std::nullopt;
  return NodePages{*node, *parse_size(std::string(size)), *count};
}

std::string in_words(const NodePages& pages) {
  return fmt::format("{} huge pages of {} on node {}", pages.count, format_size(pages.page_size_bytes),
                     pages.node);
}

bool same_pool(const NodePages& one, const NodePages& other) {
  return one.node == other.node && one.page_size_bytes == other.page_size_bytes;
}

}  // namespace gpupass
