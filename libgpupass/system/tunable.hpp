// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/system.hpp"
#include "gpupass/tuning.hpp"

namespace gpupass {

/// What a tunable is now, as TunableState has it. Absent: this kernel has no such thing, or no longer.
Fact<std::string> value_of(const Files& files, const Tunable& tunable);

}  // namespace gpupass
