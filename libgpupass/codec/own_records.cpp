// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codec/own_records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/document.hpp"
#include "codec/fields.hpp"
#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "values/tunables.hpp"

namespace gpupass {

namespace {

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

[[noreturn]] void malformed(std::string_view file, const std::string& saw, const char* expected) {
  throw Error(ErrorCode::Malformed, std::string(file),
              fmt::format("cannot read {}: saw {:?}, expected {}", file, saw.substr(0, 60), expected));
}

}  // namespace

std::optional<std::string> to_settings_file(const Settings& settings) {
  if (settings == Settings()) return std::nullopt;
  return without_last_newline(json_document("settings", settings));
}

Settings parse_settings_file(std::string_view content) {
  auto settings = from_json_document<Settings>("settings", content);
  for (const GpuName& name : settings.names)
    if (!is_gpu_name(name.name)) malformed(kSettingsFile, name.name, "a name for a GPU");
  std::ranges::sort(settings.names, {}, &GpuName::name);
  return settings;
}

std::optional<std::string> to_quarantine_file(const std::vector<Quarantined>& quarantine) {
  if (quarantine.empty()) return std::nullopt;
  return without_last_newline(json_document("quarantine", quarantine));
}

std::vector<Quarantined> parse_quarantine_file(std::string_view content) {
  auto quarantine = from_json_document<std::vector<Quarantined>>("quarantine", content);
  for (const Quarantined& one : quarantine)
    if (one.reason.empty() || printable(one.reason) != one.reason)
      malformed(kQuarantineFile, one.reason, "a reason in one line");
  std::ranges::sort(quarantine, {}, &Quarantined::address);
  return quarantine;
}

std::optional<std::string> to_tuned_file(const Tuned& tuned) {
  if (tuned == Tuned()) return std::nullopt;
  return without_last_newline(json_document("tuned", tuned));
}

Tuned parse_tuned_file(std::string_view content) {
  auto tuned = from_json_document<Tuned>("tuned", content);
  for (const TunedSetting& setting : tuned.settings)
    for (const std::string& value : {setting.found, setting.set})
      if (!can_be(setting.tunable, value)) malformed(kTunedFile, value, "a value for what is tuned");
  std::ranges::sort(tuned.guests, {}, &TunedGuest::name);
  std::ranges::sort(tuned.settings, {}, &TunedSetting::tunable);
  return tuned;
}

}  // namespace gpupass
