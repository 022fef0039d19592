// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/own_files.hpp"

#include <algorithm>
#include <array>

#include "gpupass/boot.hpp"
#include "gpupass/own_file.hpp"

namespace gpupass {

std::vector<std::string> own_file_paths() {
  return {std::string(kGrubFile), std::string(kSlicesFile), std::string(kHookFile), std::string(kModulesFile),
          std::string(kPagesFile)};
}

bool is_own_file(std::string_view path) {
  constexpr std::array kAll = {kHookFile,    kQuarantineFile, kSettingsFile, kSlicesFile,
                               kModulesFile, kPagesFile,      kTunedFile};
  return std::ranges::find(kAll, path) != kAll.end() || is_boot_hook(path);
}

bool is_own_configuration(std::string_view path) {
  return path == kGrubFile || path == kModulesFile || path == kPagesFile;
}

bool is_own_program(std::string_view path) {
  return path == kHookFile || is_boot_hook(path);
}

}  // namespace gpupass
