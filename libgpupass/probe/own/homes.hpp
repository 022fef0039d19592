// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// Where functions belong, as `bind` wrote it down, ascending. A record that cannot be read is left out, and
/// is a limit. Reads: /run/gpupass/home.
Fact<std::vector<Home>> read_homes(const System& system, Limits& limits);

}  // namespace gpupass
