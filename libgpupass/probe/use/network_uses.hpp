// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// What is done with the network cards of this machine, whose interfaces have these names. A card whose
/// interface is not among them may have it in a container, where it cannot be seen.
/// Reads: /proc/self/net, /sys/class/net.
std::vector<DeviceUse> network_uses(const System& system, const Host& host,
                                    const std::vector<std::string>& names);

}  // namespace gpupass
