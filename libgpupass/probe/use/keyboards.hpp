// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// The keyboards that a person can use. Reads: /sys/class/{bluetooth,input}.
Fact<std::vector<Keyboard>> read_keyboards(const System& system);

}  // namespace gpupass
