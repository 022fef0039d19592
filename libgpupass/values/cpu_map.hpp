// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string_view>

#include "gpupass/cpu_set.hpp"

namespace gpupass {

/// Reads the kernel's map form, "00000000,0000f0f0": a bit for each CPU, the lowest last, in groups of 32.
/// @returns nullopt when `text` is anything else, or names a CPU above 65535.
std::optional<CpuSet> parse_cpu_map(std::string_view text);

}  // namespace gpupass
