// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>

#include "change/kind.hpp"
#include "codec/own_records.hpp"
#include "gpupass/boot.hpp"
#include "values/error.hpp"

namespace gpupass {

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

  static std::set<std::string> locks(const SetOwnFile&) { return {lock_of_boot()}; }

  static bool lasts(const SetOwnFile&) { return true; }

  static bool steers_boot(const SetOwnFile& change) { return is_boot_hook(change.path); }

  static void require_well_formed(const SetOwnFile& change) {
    if (!is_own_file(change.path))
      throw failure(ErrorCode::Malformed, "plan a change of", change.path, "another file",
                    "a file of gpupass");
    if (!change.content) return;
    if (change.path == kSettingsFile) parse_settings_file(*change.content);
    if (change.path == kQuarantineFile) parse_quarantine_file(*change.content);
  }

  static void effect(Host& host, const SetOwnFile& change) {
    if (change.path == kSettingsFile)
      host.settings = change.content ? Fact<Settings>(parse_settings_file(*change.content)) : Absent{};
    else if (change.path == kQuarantineFile)
      host.quarantine = parse_quarantine(change);
    else if (is_boot_hook(change.path))
      set_hook(host.boot_images, change);
    else if (host.own_files)
      host.own_files = with_content(*host.own_files, change);
  }

 private:
  static std::vector<Quarantined> parse_quarantine(const SetOwnFile& change) {
    return change.content ? parse_quarantine_file(*change.content) : std::vector<Quarantined>();
  }
  static std::vector<OwnFile> with_content(std::vector<OwnFile> files, const SetOwnFile& change) {
    for (OwnFile& file : files)
      if (file.path == change.path)
        file.content = change.content ? Fact<std::string>(*change.content) : Absent{};
    return files;
  }
  static void set_hook(Fact<BootImages>& fact, const SetOwnFile& change) {
    if (!fact) return;
    BootImages images = *fact;
    images.hooks = with_content(std::move(images.hooks), change);
    fact = std::move(images);
  }
};

}  // namespace gpupass
