// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/yaml.hpp"
#include "gpupass/mig.hpp"

/// What the files of NVIDIA's mig-parted and vgpu-device-manager have in common: labels with entries, each
/// for some models and GPUs. They go through JSON there, so a text in quotes is no number, and a number no
/// text.
namespace gpupass {

/// What a plain word answers in YAML. nullopt: it is no answer.
std::optional<bool> yaml_answer(std::string_view text);

class LabelledFile {
 public:
  /// `name` is for messages.
  explicit LabelledFile(const std::string& name);

  /// The labels below `key`, each with its entries as `entry_from(node)` reads them.
  template <typename Entry>
  std::map<std::string, std::vector<Entry>, std::less<>> labels(const YamlNode& file, const char* key,
                                                                const auto& entry_from) const {
    std::map<std::string, std::vector<Entry>, std::less<>> labels;
    for (const auto& [label, entries] : entries_of(file, key))
      for (const YamlNode& entry : *entries) labels[label].push_back(entry_from(entry));
    return labels;
  }

 protected:
  using YamlKeys = std::initializer_list<std::string_view>;

  std::string at(const YamlNode& node) const;
  [[noreturn]] void refuse(const YamlNode& node, const std::string& saw, const std::string& expected) const;
  [[noreturn]] void refuse_value(const YamlNode& node, const std::string& expected) const;
  void expect_map(const YamlNode& node, const std::string& expected) const;
  void expect_keys(const YamlNode& map, std::string_view in, YamlKeys keys) const;
  /// nullptr: the map has no such key.
  const YamlNode* value_of(const YamlNode& map, std::string_view key) const;
  const YamlNode& required(const YamlNode& map, std::string_view key) const;
  const std::vector<YamlNode>& items_of(const YamlNode& node, const std::string& expected) const;
  bool answer_from(const YamlNode& node) const;
  unsigned number_from(const YamlNode& node, unsigned most, const char* expected) const;
  /// nullopt: all.
  std::optional<std::vector<unsigned>> devices_from(const YamlNode& node) const;
  std::vector<MigDeviceFilter> filters_from(const YamlNode& entry) const;

 private:
  MigDeviceFilter filter_from(const YamlNode& node) const;
  std::map<std::string, const std::vector<YamlNode>*> entries_of(const YamlNode& file, const char* key) const;

  std::string name_;
};

}  // namespace gpupass
