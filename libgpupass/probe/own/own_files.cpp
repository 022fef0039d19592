// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/own_files.hpp"

#include "codec/own_records.hpp"
#include "probe/own/record.hpp"

namespace gpupass {

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
  return read_list(system, kQuarantineFile, parse_quarantine_file, "quarantined GPUs", limits);
}

}  // namespace gpupass
