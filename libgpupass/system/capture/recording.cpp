// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/capture/recording.hpp"

#include <utility>

#include "system/files/errno_text.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kNotRecorded = "not in the capture";
// A capture that does not speak of it, because it was composed or is older, is of a host without records of
// ours.
constexpr std::string_view kOwnFolder = "/run/gpupass/", kOwnSettings = "/etc/gpupass/";

/// "/sys/bus/pci" is "pci" in "/sys/bus"; "/sys" is "sys" in "/".
std::pair<std::string_view, std::string_view> split(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return {"", path};
  return {path.substr(0, slash == 0 ? 1 : slash), path.substr(slash + 1)};
}

const Directory* find_directory(const Recording& recording, std::string_view path) {
  const auto place = recording.directories.find(path);
  return place == recording.directories.end() ? nullptr : &place->second;
}

/// Whether nothing can stand at a path at which nothing is recorded: a folder on the way to it is known to be
/// no folder, or not there, or to hold no such name.
bool certainly_absent(const Recording& recording, std::string_view path) {
  for (std::string_view at = path; at.size() > 1;) {
    const auto [parent, name] = split(at);
    if (const Directory* directory = find_directory(recording, parent)) {
      const auto entry = directory->entries.find(name);
      if (entry == directory->entries.end()) return directory->listed;
      return entry->second.kind == Entry::Kind::Absent || entry->second.kind == Entry::Kind::File;
    }
    if (parent.size() >= at.size()) break;
    at = parent;
  }
  return path.starts_with(kOwnFolder) || path.starts_with(kOwnSettings);
}

/// The answer of an entry that has not what was asked for.
template <typename T>
Fact<T> without_value(const Recording& recording, std::string_view path, const Entry* entry) {
  if (!entry && certainly_absent(recording, path)) return Absent{};
  if (entry && entry->kind == Entry::Kind::Absent) return Absent{};
  if (entry && entry->kind == Entry::Kind::Denied) return unknown_path(path, entry->text);
  return unknown_path(path, kNotRecorded);
}

}  // namespace

const Entry* Recording::find(std::string_view path) const {
  const auto [parent, name] = split(path);
  const Directory* directory = find_directory(*this, parent);
  if (!directory) return nullptr;
  const auto entry = directory->entries.find(name);
  return entry == directory->entries.end() ? nullptr : &entry->second;
}

void Recording::set(std::string_view path, Entry entry) {
  const auto [parent, name] = split(path);
  directories[std::string(parent)].entries[std::string(name)] = std::move(entry);
}

Fact<std::string> Recording::read(std::string_view path) const {
  const Entry* entry = find(path);
  if (entry && entry->kind == Entry::Kind::File) return entry->text;
  return without_value<std::string>(*this, path, entry);
}

Fact<std::string> Recording::link(std::string_view path) const {
  const Entry* entry = find(path);
  if (entry && entry->kind == Entry::Kind::Link) return entry->text;
  if (entry && entry->kind == Entry::Kind::File) return unknown_path(path, "not a symbolic link");
  return without_value<std::string>(*this, path, entry);
}

Fact<std::vector<std::string>> Recording::list(std::string_view path) const {
  using Names = std::vector<std::string>;
  const Directory* directory = find_directory(*this, path);
  if (!directory || !directory->listed) {
    const Entry* entry = find(path);
    if (entry && entry->kind == Entry::Kind::File) return Absent{};
    return without_value<Names>(*this, path, entry);
  }
  Names names;
  for (const auto& [name, entry] : directory->entries)
    if (entry.kind != Entry::Kind::Absent) names.push_back(name);
  return names;
}

}  // namespace gpupass
