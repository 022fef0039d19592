// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/own_files.hpp"

#include "codec/own_records.hpp"
#include "gpupass/error.hpp"

namespace gpupass {

namespace {

/// A record of ours; absent where there is none.
template <typename Record>
Fact<Record> read_record(const System& system, std::string_view path, Record (*parse)(std::string_view),
                         const char* what, Limits& limits) {
  const Fact<std::string> content = system.read(path);
  if (content.absent()) return Absent{};
  std::string why;
  if (!content) {
    why = content.why();
  } else
    try {
      return parse(*content);
    } catch (const Error& error) {
      why = error.what();
    }
  limits.add(what, why);
  return Unknown{why};
}

}  // namespace

std::vector<OwnFile> read_own_files(const System& system) {
  std::vector<OwnFile> files;
  for (std::string& path : own_file_paths()) {
    Fact<std::string> content = system.read(path);
    files.push_back({std::move(path), std::move(content)});
  }
  return files;
}

Fact<Settings> read_settings(const System& system, Limits& limits) {
  return read_record(system, kSettingsFile, parse_settings_file, "the declared settings", limits);
}

Fact<std::vector<Quarantined>> read_quarantine(const System& system, Limits& limits) {
  auto quarantine = read_record(system, kQuarantineFile, parse_quarantine_file, "quarantined GPUs", limits);
  if (quarantine.absent()) return std::vector<Quarantined>();
  return quarantine;
}

}  // namespace gpupass
