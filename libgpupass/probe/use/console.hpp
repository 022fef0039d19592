// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// The function whose framebuffer shows the kernel's console, if it is one's. Reads:
/// /sys/class/{graphics,vtconsole}.
std::optional<DeviceUse> console_use(const System& system);

/// Where the firmware's framebuffer lies in a function's memory, as the text of /proc/iomem tells.
std::vector<DeviceUse> framebuffer_uses(std::string_view iomem);
/// The lines of it that matter to framebuffer_uses().
std::string framebuffer_lines(std::string_view iomem);

}  // namespace gpupass
