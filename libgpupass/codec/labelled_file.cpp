// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/labelled_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "gpupass/error.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "values/lower.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// Letters of ASCII that can be seen, and not too many.
bool is_label(std::string_view text) {
  constexpr std::size_t kMost = 100;
  const auto is_seen = [](char letter) { return letter > ' ' && letter < 0x7f; };
  return !text.empty() && text.size() <= kMost && std::ranges::all_of(text, is_seen);
}

std::string excerpt(const YamlNode& node) {
  constexpr std::size_t kMost = 60;
  switch (node.kind) {
    case YamlNode::Kind::Null:
      return "nothing";
    case YamlNode::Kind::Scalar:
      return fmt::format("{:?}", node.text.substr(0, kMost));
    case YamlNode::Kind::List:
      return "a list";
    case YamlNode::Kind::Map:
      return "a map";
  }
  return "something else";
}

}  // namespace

std::optional<bool> yaml_answer(std::string_view text) {
  constexpr auto kTrue = std::to_array<std::string_view>({"true", "yes", "on"});
  constexpr auto kFalse = std::to_array<std::string_view>({"false", "no", "off"});
  if (std::ranges::find(kTrue, lower(text)) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, lower(text)) != kFalse.end()) return false;
  return std::nullopt;
}

LabelledFile::LabelledFile(const std::string& name) : name_(printable(name)) {}

std::string LabelledFile::at(const YamlNode& node) const {
  return fmt::format("{}:{}", name_, node.line);
}

void LabelledFile::refuse(const YamlNode& node, const std::string& saw, const std::string& expected) const {
  throw Error(ErrorCode::Malformed, name_,
              fmt::format("cannot read {}:{}: saw {}, expected {}", at(node), node.column, saw, expected));
}

void LabelledFile::refuse_value(const YamlNode& node, const std::string& expected) const {
  refuse(node, excerpt(node), expected);
}

void LabelledFile::expect_map(const YamlNode& node, const std::string& expected) const {
  if (node.kind != YamlNode::Kind::Map) refuse_value(node, expected);
  std::set<std::string_view> seen;
  for (const YamlNode& key : node.keys) {
    if (key.kind != YamlNode::Kind::Scalar) refuse_value(key, "a name");
    if (!seen.insert(key.text).second) refuse(key, excerpt(key) + " again", "each key once");
  }
}

void LabelledFile::expect_keys(const YamlNode& map, std::string_view in, YamlKeys keys) const {
  expect_map(map, fmt::format("a map with {}", fmt::join(keys, ", ")));
  for (const YamlNode& key : map.keys) {
    if (std::ranges::find(keys, std::string_view(key.text)) != keys.end()) continue;
    const std::string meant = nearest(key.text, {keys.begin(), keys.end()});
    refuse(key, fmt::format("the unknown key {}{}", excerpt(key), in),
           meant.empty() ? fmt::format("one of {}", fmt::join(keys, ", ")) : meant);
  }
}

const YamlNode* LabelledFile::value_of(const YamlNode& map, std::string_view key) const {
  const auto found = std::ranges::find(map.keys, key, &YamlNode::text);
  return found == map.keys.end() ? nullptr : &map.items[static_cast<std::size_t>(found - map.keys.begin())];
}

const YamlNode& LabelledFile::required(const YamlNode& map, std::string_view key) const {
  if (const YamlNode* value = value_of(map, key)) return *value;
  refuse(map, fmt::format("no {}", key), "one");
}

const std::vector<YamlNode>& LabelledFile::items_of(const YamlNode& node, const std::string& expected) const {
  if (node.kind != YamlNode::Kind::List) refuse_value(node, expected);
  if (node.items.empty()) refuse(node, "an empty list", expected);
  return node.items;
}

bool LabelledFile::answer_from(const YamlNode& node) const {
  const bool is_plain = node.kind == YamlNode::Kind::Scalar && node.plain;
  if (const auto answer = is_plain ? yaml_answer(node.text) : std::nullopt) return *answer;
  refuse_value(node, "true or false");
}

unsigned LabelledFile::number_from(const YamlNode& node, unsigned most, const char* expected) const {
  const auto number =
      node.kind == YamlNode::Kind::Scalar && node.plain ? parse_number<unsigned>(node.text) : std::nullopt;
  if (!number || *number > most) refuse_value(node, fmt::format("{}, 0 to {}", expected, most));
  return *number;
}

/// "0x233510DE", as the configuration space has both ids in one register; behind a colon the subsystem's.
MigDeviceFilter LabelledFile::filter_from(const YamlNode& node) const {
  const std::string& text = node.text;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto ids = [&](std::string_view part) -> std::pair<std::uint16_t, std::uint16_t> {
    const bool has_prefix = part.starts_with("0x") || part.starts_with("0X");
    const auto both = parse_digits<std::uint32_t>(has_prefix ? part.substr(2) : std::string_view(), 8);
    if (!both)
      refuse_value(node, "a device and its vendor as \"0x233510DE\", and ids of a subsystem behind a colon");
    return {static_cast<std::uint16_t>(*both >> 16), static_cast<std::uint16_t>(*both & 0xffff)};
  };
  if (node.kind != YamlNode::Kind::Scalar) refuse_value(node, "a text as \"0x233510DE\"");
  if (node.plain && colon == text.size()) refuse(node, "a number", "it in quotes, as \"0x233510DE\"");
  MigDeviceFilter filter;
  std::tie(filter.device, filter.vendor) = ids(std::string_view(text).substr(0, colon));
  if (colon < text.size())
    std::tie(filter.subsystem_device, filter.subsystem_vendor) =
        ids(std::string_view(text).substr(colon + 1));
  return filter;
}

std::optional<std::vector<unsigned>> LabelledFile::devices_from(const YamlNode& node) const {
  constexpr unsigned kMost = 1023;
  const char* kExpected = "all, or a list of indexes, as [0, 1]";
  if (node.kind == YamlNode::Kind::Scalar && node.text == "all") return std::nullopt;
  std::vector<unsigned> devices;
  for (const YamlNode& item : items_of(node, kExpected))
    devices.push_back(number_from(item, kMost, "the index of a GPU"));
  return devices;
}

std::vector<MigDeviceFilter> LabelledFile::filters_from(const YamlNode& entry) const {
  std::vector<MigDeviceFilter> filters;
  const YamlNode* filter = value_of(entry, "device-filter");
  if (!filter) return filters;
  if (filter->kind == YamlNode::Kind::Scalar) return {filter_from(*filter)};
  for (const YamlNode& item : items_of(*filter, "a filter, or a list of them"))
    filters.push_back(filter_from(item));
  return filters;
}

std::map<std::string, const std::vector<YamlNode>*> LabelledFile::entries_of(const YamlNode& file,
                                                                             const char* key) const {
  expect_keys(file, "", {key, "version"});
  const YamlNode& version = required(file, "version");
  if (version.kind != YamlNode::Kind::Scalar || version.text != "v1") refuse_value(version, "v1");
  std::map<std::string, const std::vector<YamlNode>*> labels;
  const YamlNode* configs = value_of(file, key);
  if (!configs) return labels;
  expect_map(*configs, "a map with labels");
  if (configs->keys.empty()) refuse(*configs, "no label", "one or more");
  for (std::size_t at = 0; at < configs->keys.size(); ++at) {
    const YamlNode& label = configs->keys[at];
    if (!is_label(label.text)) refuse_value(label, "a label of 1 to 100 letters without spaces");
    labels[label.text] = &items_of(configs->items[at], "a list of entries");
  }
  return labels;
}

}  // namespace gpupass
