// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/settings.hpp"
#include "values/own_files.hpp"

/// What gpupass remembers beside its boot bindings: a JSON document each, without a last newline.
namespace gpupass {

/// nullopt for settings that say nothing: then there is no file.
std::optional<std::string> to_settings_file(const Settings& settings);
/// @throws Error Malformed.
Settings parse_settings_file(std::string_view content);

/// nullopt for none: then there is no file.
std::optional<std::string> to_quarantine_file(const std::vector<Quarantined>& quarantine);
/// @throws Error Malformed.
std::vector<Quarantined> parse_quarantine_file(std::string_view content);

/// nullopt where nothing is tuned, for nobody: then there is no file.
std::optional<std::string> to_tuned_file(const Tuned& tuned);
/// @throws Error Malformed, also for a tunable that there cannot be.
Tuned parse_tuned_file(std::string_view content);

}  // namespace gpupass
