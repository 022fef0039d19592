// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "gpupass/system.hpp"

namespace gpupass {

/// The kernel's name of the disk that a node or a link of udev names: "nvme0n1p2" of
/// "/dev/disk/by-uuid/...". nullopt: a link that leads nowhere.
std::optional<std::string> disk_of_node(const System& system, const std::string& node);

}  // namespace gpupass
