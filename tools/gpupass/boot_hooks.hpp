// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "gpupass/boot.hpp"

namespace gpupass {

/// The hooks for boot images as this version ships them, for every tool. The build writes them into the
/// program from tools/boot.
std::vector<OwnFile> shipped_boot_hooks();

}  // namespace gpupass
