// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <tuple>

#include "codec/in_quotes.hpp"
#include "codec/yaml.hpp"
#include "gpupass/error.hpp"
#include "gpupass/mig.hpp"
#include "gpupass/names.hpp"
#include "gpupass/render.hpp"
#include "values/lower.hpp"
#include "values/number.hpp"

/// The file of mig-parted, by the rules of its api/spec/v1. It goes through JSON there, so a text in quotes
/// is no number, and a number no text.
namespace gpupass {

namespace {

using YamlKeys = std::initializer_list<std::string_view>;

constexpr auto kTrue = std::to_array<std::string_view>({"true", "yes", "on"});
constexpr auto kFalse = std::to_array<std::string_view>({"false", "no", "off"});

bool is_one_of(std::string_view text, const auto& words) {
  return std::ranges::find(words, lower(text)) != words.end();
}

/// Letters of ASCII that can be seen, and not too many.
bool is_label(std::string_view text) {
  constexpr std::size_t kMost = 100;
  const auto is_seen = [](char letter) { return letter > ' ' && letter < 0x7f; };
  return !text.empty() && text.size() <= kMost && std::ranges::all_of(text, is_seen);
}

/// "1g.18gb+me.all", "1c.3g.20gb": what the card makes of it is not seen here.
bool is_profile_name(std::string_view text) {
  constexpr std::size_t kMost = 40;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789.+-";
  return text.size() <= kMost && text.find("g.") != text.npos && text.find("gb") != text.npos &&
         text.front() >= '1' && text.front() <= '9' && text.find_first_not_of(kLetters) == text.npos;
}

class MigFileReader {
 public:
  explicit MigFileReader(const std::string& name) : name_(printable(name)) {}
  MigLabels read(const YamlNode& file) const;

 private:
  std::string at(const YamlNode& node) const { return fmt::format("{}:{}", name_, node.line); }
  [[noreturn]] void refuse(const YamlNode& node, const std::string& saw, const std::string& expected) const {
    throw Error(ErrorCode::Malformed, name_,
                fmt::format("cannot read {}:{}: saw {}, expected {}", at(node), node.column, saw, expected));
  }
  [[noreturn]] void refuse_value(const YamlNode& node, const std::string& expected) const;
  void expect_map(const YamlNode& node, const std::string& expected) const;
  void expect_keys(const YamlNode& map, std::string_view in, YamlKeys keys) const;
  const YamlNode* value_of(const YamlNode& map, std::string_view key) const;
  const YamlNode& required(const YamlNode& map, std::string_view key) const;
  const std::vector<YamlNode>& items_of(const YamlNode& node, const std::string& expected) const;
  bool answer_from(const YamlNode& node) const;
  unsigned number_from(const YamlNode& node, unsigned most, const char* expected) const;
  MigDeviceFilter filter_from(const YamlNode& node) const;
  void read_devices(MigEntry& entry, const YamlNode& node) const;
  void read_profiles(MigEntry& entry, const YamlNode& node) const;
  MigEntry entry_from(const YamlNode& node) const;

  std::string name_;
};

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

void MigFileReader::refuse_value(const YamlNode& node, const std::string& expected) const {
  refuse(node, excerpt(node), expected);
}

void MigFileReader::expect_map(const YamlNode& node, const std::string& expected) const {
  if (node.kind != YamlNode::Kind::Map) refuse_value(node, expected);
  std::set<std::string_view> seen;
  for (const YamlNode& key : node.keys) {
    if (key.kind != YamlNode::Kind::Scalar) refuse_value(key, "a name");
    if (!seen.insert(key.text).second) refuse(key, excerpt(key) + " again", "each key once");
  }
}

void MigFileReader::expect_keys(const YamlNode& map, std::string_view in, YamlKeys keys) const {
  expect_map(map, fmt::format("a map with {}", fmt::join(keys, ", ")));
  for (const YamlNode& key : map.keys) {
    if (std::ranges::find(keys, std::string_view(key.text)) != keys.end()) continue;
    const std::string meant = nearest(key.text, {keys.begin(), keys.end()});
    refuse(key, fmt::format("the unknown key {}{}", excerpt(key), in),
           meant.empty() ? fmt::format("one of {}", fmt::join(keys, ", ")) : meant);
  }
}

const YamlNode* MigFileReader::value_of(const YamlNode& map, std::string_view key) const {
  const auto found = std::ranges::find(map.keys, key, &YamlNode::text);
  return found == map.keys.end() ? nullptr : &map.items[static_cast<std::size_t>(found - map.keys.begin())];
}

const YamlNode& MigFileReader::required(const YamlNode& map, std::string_view key) const {
  if (const YamlNode* value = value_of(map, key)) return *value;
  refuse(map, fmt::format("no {}", key), "one");
}

const std::vector<YamlNode>& MigFileReader::items_of(const YamlNode& node,
                                                     const std::string& expected) const {
  if (node.kind != YamlNode::Kind::List) refuse_value(node, expected);
  if (node.items.empty()) refuse(node, "an empty list", expected);
  return node.items;
}

bool MigFileReader::answer_from(const YamlNode& node) const {
  if (node.kind == YamlNode::Kind::Scalar && node.plain) {
    if (is_one_of(node.text, kTrue)) return true;
    if (is_one_of(node.text, kFalse)) return false;
  }
  refuse_value(node, "true or false");
}

unsigned MigFileReader::number_from(const YamlNode& node, unsigned most, const char* expected) const {
  const auto number =
      node.kind == YamlNode::Kind::Scalar && node.plain ? parse_number<unsigned>(node.text) : std::nullopt;
  if (!number || *number > most) refuse_value(node, fmt::format("{}, 0 to {}", expected, most));
  return *number;
}

/// "0x233510DE", as the configuration space has both ids in one register; behind a colon the subsystem's.
MigDeviceFilter MigFileReader::filter_from(const YamlNode& node) const {
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

void MigFileReader::read_devices(MigEntry& entry, const YamlNode& node) const {
  constexpr unsigned kMost = 1023;
  const char* kExpected = "all, or a list of indexes, as [0, 1]";
  if (node.kind == YamlNode::Kind::Scalar && node.text == "all") return;
  entry.devices.emplace();
  for (const YamlNode& item : items_of(node, kExpected))
    entry.devices->push_back(number_from(item, kMost, "the index of a GPU"));
}

void MigFileReader::read_profiles(MigEntry& entry, const YamlNode& node) const {
  constexpr unsigned kMost = 99;
  expect_map(node, "profiles, each with a number, as {\"1g.18gb\": 7}, or {}");
  for (std::size_t at = 0; at < node.keys.size(); ++at) {
    const YamlNode& key = node.keys[at];
    if (!is_profile_name(key.text)) refuse_value(key, "the name of a profile, as \"1g.18gb\"");
    if (const unsigned count = number_from(node.items[at], kMost, "a number of instances"))
      entry.profiles[key.text] = count;
  }
  if (entry.profiles.empty() && !node.keys.empty()) refuse(node, "0 of each profile", "some, or {}");
}

MigEntry MigFileReader::entry_from(const YamlNode& node) const {
  expect_keys(node, " of an entry", {"device-filter", "devices", "mig-devices", "mig-enabled"});
  MigEntry entry;
  entry.where = at(node);
  read_devices(entry, required(node, "devices"));
  entry.enabled = answer_from(required(node, "mig-enabled"));
  if (const YamlNode* filter = value_of(node, "device-filter")) {
    if (filter->kind == YamlNode::Kind::Scalar)
      entry.filters.push_back(filter_from(*filter));
    else
      for (const YamlNode& item : items_of(*filter, "a filter, or a list of them"))
        entry.filters.push_back(filter_from(item));
  }
  const YamlNode* profiles = value_of(node, "mig-devices");
  if (profiles && profiles->kind == YamlNode::Kind::Null) profiles = nullptr;
  if (profiles) read_profiles(entry, *profiles);
  if (entry.enabled && !profiles) refuse(node, "mig-enabled without mig-devices", "it, be it {}");
  if (!entry.enabled && !entry.profiles.empty())
    refuse(*profiles, "mig-devices where mig-enabled is false", "none");
  return entry;
}

MigLabels MigFileReader::read(const YamlNode& file) const {
  expect_keys(file, "", {"mig-configs", "version"});
  const YamlNode& version = required(file, "version");
  if (version.kind != YamlNode::Kind::Scalar || version.text != "v1") refuse_value(version, "v1");
  MigLabels labels;
  const YamlNode* configs = value_of(file, "mig-configs");
  if (!configs) return labels;
  expect_map(*configs, "a map with labels");
  if (configs->keys.empty()) refuse(*configs, "no label", "one or more");
  for (std::size_t at = 0; at < configs->keys.size(); ++at) {
    const YamlNode &label = configs->keys[at], &entries = configs->items[at];
    if (!is_label(label.text)) refuse_value(label, "a label of 1 to 100 letters without spaces");
    std::vector<MigEntry>& read = labels[label.text];
    for (const YamlNode& entry : items_of(entries, "a list of entries")) read.push_back(entry_from(entry));
  }
  return labels;
}

/// A text that YAML could take for something else stands in quotes.
std::string in_yaml(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  constexpr auto kWords = std::to_array<std::string_view>({"null", "y", "n"});
  const bool is_word = is_one_of(text, kTrue) || is_one_of(text, kFalse) || is_one_of(text, kWords);
  if (kPlain.find(text.front()) < 52 && text.find_first_not_of(kPlain) == text.npos && !is_word)
    return std::string(text);
  return in_quotes(text);
}

std::string filter_text(const MigDeviceFilter& filter) {
  std::string text = fmt::format("0x{:04X}{:04X}", filter.device, filter.vendor);
  if (filter.subsystem_device)
    text += fmt::format(":0x{:04X}{:04X}", *filter.subsystem_device, *filter.subsystem_vendor);
  return text;
}

std::string entry_text(const MigEntry& entry) {
  std::string text = "    - ";
  if (!entry.filters.empty()) {
    std::vector<std::string> filters;
    for (const MigDeviceFilter& filter : entry.filters) filters.push_back('"' + filter_text(filter) + '"');
    text += fmt::format("device-filter: [{}]\n      ", fmt::join(filters, ", "));
  }
  text += entry.devices ? fmt::format("devices: [{}]\n", fmt::join(*entry.devices, ", ")) : "devices: all\n";
  text += fmt::format("      mig-enabled: {}\n", entry.enabled);
  if (!entry.enabled) return text;
  if (entry.profiles.empty()) return text + "      mig-devices: {}\n";
  text += "      mig-devices:\n";
  for (const auto& [name, count] : entry.profiles) text += fmt::format("        \"{}\": {}\n", name, count);
  return text;
}

}  // namespace

MigLabels parse_mig_file(std::string_view yaml, const std::string& name) {
  return MigFileReader(name).read(parse_yaml(yaml, name));
}

std::string to_mig_file(const MigLabels& labels) {
  std::string text = "version: v1\n";
  if (!labels.empty()) text += "mig-configs:\n";
  for (const auto& [label, entries] : labels) {
    text += fmt::format("  {}:\n", in_yaml(label));
    for (const MigEntry& entry : entries) text += entry_text(entry);
  }
  return text;
}

}  // namespace gpupass
