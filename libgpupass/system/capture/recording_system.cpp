// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/capture/recording_system.hpp"

#include <fmt/format.h>

namespace gpupass {

namespace {

/// How much an entry tells. A path may be asked for in more than one way; the best answer is kept.
int worth(const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::Absent:
      return 0;
    case Entry::Kind::Seen:
      return 1;
    case Entry::Kind::Denied:
      return 2;
    case Entry::Kind::File:
    case Entry::Kind::Link:
      return 3;
  }
  return 0;
}

void note(Recording& recording, std::string_view path, Entry entry) {
  const Entry* known = recording.find(path);
  if (!known || worth(*known) < worth(entry)) recording.set(path, std::move(entry));
}

/// The entry of an answer that has no value. The path in front of a reason is that of the entry.
template <typename T>
Entry entry_without_value(std::string_view path, const Fact<T>& fact) {
  if (fact.absent()) return {Entry::Kind::Absent, ""};
  std::string reason = fact.why();
  const std::string prefix = fmt::format("{}: ", path);
  if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
  return {Entry::Kind::Denied, std::move(reason)};
}

void note_text(Recording& recording, std::string_view path, Entry::Kind kind, const Fact<std::string>& text) {
  note(recording, path, text ? Entry{kind, *text} : entry_without_value(path, text));
}

}  // namespace

Fact<std::string> RecordingSystem::read(std::string_view path) const {
  auto content = system_.read(path);
  note_text(recording_, path, Entry::Kind::File, content);
  return content;
}

Fact<std::string> RecordingSystem::read_guarded(std::string_view path) const {
  auto content = system_.read_guarded(path);
  note_text(recording_, path, Entry::Kind::File, content);
  return content;
}

Fact<std::string> RecordingSystem::device_number(std::string_view path) const {
  auto number = system_.device_number(path);
  if (number) note(recording_, number_note(path), {Entry::Kind::File, *number});
  return number;
}

Fact<bool> RecordingSystem::is_writing(const std::string& lock) const {
  const auto writing = system_.is_writing(lock);
  if (writing) note(recording_, writing_note(lock), {Entry::Kind::File, *writing ? "yes" : "no"});
  return writing;
}

Fact<std::string> RecordingSystem::link(std::string_view path) const {
  auto target = system_.link(path);
  note_text(recording_, path, Entry::Kind::Link, target);
  return target;
}

Fact<std::vector<std::string>> RecordingSystem::list(std::string_view path) const {
  auto names = system_.list(path);
  if (!names) {
    note(recording_, path, entry_without_value(path, names));
    return names;
  }
  recording_.directories[std::string(path)].listed = true;
  for (const std::string& name : *names)
    note(recording_, fmt::format("{}/{}", path == "/" ? "" : path, name), {Entry::Kind::Seen, ""});
  return names;
}

void RecordingSystem::answer(AnyExchange& exchange) const {
  if (auto* disks = std::get_if<Exchange<DisksQuestion>>(&exchange)) {
    disks->answer = system_.ask(disks->question);
    for (const DiskState& disk : disks->answer.value_or({}))
      if (disk.held) note(recording_, disk_note(disk.name), {Entry::Kind::File, *disk.held ? "yes" : "no"});
    return;
  }
  ReadOnlySystem::answer(exchange);
  if (auto* cpus = std::get_if<Exchange<CpuTopologyQuestion>>(&exchange))
    cpus->answer = recording_.cpu_topology = system_.ask(cpus->question);
  if (auto* domains = std::get_if<Exchange<DomainsQuestion>>(&exchange))
    domains->answer = recording_.domains = system_.ask(domains->question);
}

}  // namespace gpupass
