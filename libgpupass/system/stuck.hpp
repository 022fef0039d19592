// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// Whether a write about the function has still not returned from the kernel: its writer is there, or the
/// device's lock is held, so that its override cannot be read in time. A writer that was killed or stopped
/// leaves neither. What is not known counts as stuck.
bool is_stuck(const Files& files, PciAddress device);

}  // namespace gpupass
