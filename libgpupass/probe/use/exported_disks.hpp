// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>

#include "gpupass/system.hpp"

namespace gpupass {

/// Where the kernel's NVMe target is configured.
inline constexpr const char* kNvmetFolder = "/sys/kernel/config/nvmet/subsystems";

/// The kernel's names of the disks that this machine gives to others as NVMe over a network. Other targets
/// keep their disks for themselves, as a mount does. Reads: /sys/kernel/config/nvmet.
std::set<std::string> exported_disks(const System& system);

}  // namespace gpupass
