// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>

#include "change/kind.hpp"
#include "codec/own_records.hpp"
#include "codec/preparation_files.hpp"
#include "gpupass/boot.hpp"
#include "gpupass/state.hpp"
#include "values/error.hpp"
#include "values/huge_pages.hpp"

namespace gpupass {

/// What a file says from now on. nullopt: there is none.
inline void set_content(std::vector<OwnFile>& files, const std::string& path,
                        const std::optional<std::string>& content) {
  for (OwnFile& file : files)
    if (file.path == path) file.content = content ? Fact<std::string>(*content) : Absent{};
}

/// A file that gpupass alone writes.
template <>
struct Kind<SetOwnFile> : PlainKind {
  static constexpr const char* kName = "file";
  static constexpr const char* kFormerName = "boot-hook";  ///< In records of version 0.1.

  static void fields(auto& visit, auto& change) {
    visit("path", change.path);
    visit("content", change.content);
  }

  static std::string words(const SetOwnFile& change) {
    return fmt::format("{} {}", change.content ? "write" : "remove", change.path);
  }

  static std::string subject(const SetOwnFile& change) { return change.path; }

  static std::set<std::string> locks(const SetOwnFile& change) {
    return {change.path == kTunedFile ? lock_of_tuning() : lock_of_boot()};
  }

  static bool lasts(const SetOwnFile& change) { return change.path != kTunedFile; }

  static bool steers_boot(const SetOwnFile& change) {
    return is_boot_hook(change.path) || change.path == kModulesFile || change.path == kPagesFile;
  }

  /// The pages that the file asks for, as far as the boot found them.
  static std::vector<BootChange> made_by_boot(const SetOwnFile& change) {
    std::vector<BootChange> changes;
    if (change.path != kPagesFile || !change.content) return changes;
    for (const NodePages& pages : parse_pages_file(*change.content))
      changes.push_back(
          {pool_path(pages), {{Assumption::Kind::Attribute, pool_path(pages), fmt::to_string(pages.count)}}});
    return changes;
  }

  static void require_well_formed(const SetOwnFile& change) {
    if (!is_own_file(change.path))
      throw failure(ErrorCode::Malformed, "plan a change of", change.path, "another file",
                    "a file of gpupass");
    if (!change.content) return;
    if (change.path == kSettingsFile) parse_settings_file(*change.content);
    if (change.path == kSlicesFile) parse_state(*change.content, change.path);
    if (change.path == kQuarantineFile) parse_quarantine_file(*change.content);
    if (change.path == kModulesFile) parse_modules_file(*change.content);
    if (change.path == kPagesFile) parse_pages_file(*change.content);
    if (change.path == kTunedFile) parse_tuned_file(*change.content);
  }

  static void effect(Host& host, const SetOwnFile& change) {
    if (change.path == kSettingsFile)
      host.settings = change.content ? Fact<Settings>(parse_settings_file(*change.content)) : Absent{};
    else if (change.path == kQuarantineFile)
      host.quarantine = parse_quarantine(change);
    else if (change.path == kTunedFile)
      host.tuned = change.content ? Fact<Tuned>(parse_tuned_file(*change.content)) : Absent{};
    else if (is_boot_hook(change.path) && host.boot_images)
      set_content(host.boot_images->hooks, change.path, change.content);
    else if (host.own_files)
      set_content(*host.own_files, change.path, change.content);
  }

 private:
  static std::vector<Quarantined> parse_quarantine(const SetOwnFile& change) {
    return change.content ? parse_quarantine_file(*change.content) : std::vector<Quarantined>();
  }
};

}  // namespace gpupass
