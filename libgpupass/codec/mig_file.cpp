// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codec/in_quotes.hpp"
#include "codec/labelled_file.hpp"
#include "gpupass/mig.hpp"
#include "values/lower.hpp"

/// The file of mig-parted, by the rules of its api/spec/v1.
namespace gpupass {

namespace {

/// "1g.18gb+me.all", "1c.3g.20gb": what the card makes of it is not seen here.
bool is_profile_name(std::string_view text) {
  constexpr std::size_t kMost = 40;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789.+-";
  return text.size() <= kMost && text.find("g.") != text.npos && text.find("gb") != text.npos &&
         text.front() >= '1' && text.front() <= '9' && text.find_first_not_of(kLetters) == text.npos;
}

/// What mig-parted's file has beside the others.
class MigFile : public LabelledFile {
 public:
  using LabelledFile::LabelledFile;
  MigEntry entry_from(const YamlNode& node) const;

 private:
  void read_profiles(MigEntry& entry, const YamlNode& node) const;
};

void MigFile::read_profiles(MigEntry& entry, const YamlNode& node) const {
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

MigEntry MigFile::entry_from(const YamlNode& node) const {
  expect_keys(node, " of an entry", {"device-filter", "devices", "mig-devices", "mig-enabled"});
  MigEntry entry;
  entry.where = at(node);
  entry.devices = devices_from(required(node, "devices"));
  entry.enabled = answer_from(required(node, "mig-enabled"));
  entry.filters = filters_from(node);
  const YamlNode* profiles = value_of(node, "mig-devices");
  if (profiles && profiles->kind == YamlNode::Kind::Null) profiles = nullptr;
  if (profiles) read_profiles(entry, *profiles);
  if (entry.enabled && !profiles) refuse(node, "mig-enabled without mig-devices", "it, be it {}");
  if (!entry.enabled && !entry.profiles.empty())
    refuse(*profiles, "mig-devices where mig-enabled is false", "none");
  return entry;
}

/// A text that YAML could take for something else stands in quotes.
std::string in_yaml(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  constexpr auto kWords = std::to_array<std::string_view>({"null", "y", "n"});
  const bool is_word = yaml_answer(text) || std::ranges::find(kWords, lower(text)) != kWords.end();
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
  const MigFile file(name);
  return file.labels<MigEntry>(parse_yaml(yaml, name), "mig-configs",
                               [&](const YamlNode& entry) { return file.entry_from(entry); });
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
