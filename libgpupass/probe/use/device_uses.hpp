// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// What DeviceUse names. Unknown where it cannot be seen.
/// Needs the host's functions, and knows more with its guests. Reads: /proc/self/{mountinfo,net},
/// /proc/iomem, /sys/bus/mdev, and what disk_uses(), network_uses() and console_uses() read.
Fact<std::vector<DeviceUse>> read_device_uses(const System& system, const Host& host, Limits& limits);

}  // namespace gpupass
