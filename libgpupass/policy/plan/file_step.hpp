// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "gpupass/plan.hpp"

namespace gpupass {

/// Adds the step that makes one of gpupass's own files say `after`, where it says `before`. nullopt: no such
/// file.
void add_file_step(Plan& plan, std::string summary, std::string reason, const std::string& path,
                   const std::optional<std::string>& before, const std::optional<std::string>& after);

}  // namespace gpupass
