// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/own/models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "gpupass/error.hpp"
#include "probe/own/known_models.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

constexpr auto kFolder = "/etc/gpupass/models.d";

/// "6.12.9-amd64" is {6, 12}. A text that is no version is {}, before all others.
std::pair<unsigned, unsigned> version_of(std::string_view text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view behind = text.substr(std::min(dot + 1, text.size()));
  const auto major = parse_number<unsigned>(text.substr(0, dot), 10);
  const auto minor = parse_number<unsigned>(behind.substr(0, behind.find_first_not_of("0123456789")), 10);
  if (!major || !minor) return {};
  return {*major, *minor};
}

const ModelRow* row_of(const PciFunction& function, const std::vector<ModelRow>& rows) {
  const auto row = std::ranges::find_if(rows, [&](const ModelRow& one) {
    return one.vendor == *function.vendor &&
           std::ranges::find(one.devices, *function.device) != one.devices.end();
  });
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace

Fact<KnownModel> Models::known_of(const PciFunction& function) {
  if (!function.vendor || !function.device) return Absent{};
  if (!files_) read_files();
  const ModelRow* row = row_of(function, *files_);
  // Few models are in the list; to parse it takes a fifth of the time of a whole probe.
  if (!row && kKnownModels.find(fmt::format("{:04x}", *function.device)) != kKnownModels.npos) {
    if (!ours_) ours_ = parse_models(kKnownModels);
    row = row_of(function, *ours_);
  }
  if (!row || !row->reset_fails || is_mended(*row)) return Absent{};
  return row->known;
}

void Models::read_files() {
  files_.emplace();
  const Fact<std::vector<std::string>> names = system_.list(kFolder);
  if (names.unknown()) limits_.add("models", names.why());
  for (const std::string& name : names.value_or({}))
    if (name.ends_with(".json")) read_file(std::string(kFolder) + '/' + name);
}

/// A file with a mistake is left out whole.
void Models::read_file(const std::string& path) {
  const Fact<std::string> text = system_.read(path);
  if (text.absent()) return;
  if (text.unknown()) return limits_.add("models", text.why());
  try {
    std::ranges::move(parse_models(*text), std::back_inserter(*files_));
  } catch (const Error& error) {
    limits_.add("models", path + ": " + error.what());
  }
}

bool Models::is_mended(const ModelRow& row) const {
  if (row.until.empty()) return false;
  const auto kernel = version_of(system_.read("/proc/sys/kernel/osrelease").value_or(""));
  return kernel >= version_of(row.until) && kernel != std::pair<unsigned, unsigned>();
}

}  // namespace gpupass
