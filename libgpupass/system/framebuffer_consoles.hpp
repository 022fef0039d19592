// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/system.hpp"

namespace gpupass {

/// The folders in sysfs of what draws the kernel's consoles on framebuffers: one,
/// "/sys/class/vtconsole/vtcon1", while there is a framebuffer. Its file `bind` says whether it does. Reads:
/// /sys/class/vtconsole.
std::vector<std::string> framebuffer_consoles(const Files& files);

}  // namespace gpupass
