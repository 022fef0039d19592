// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "system/capture/recording.hpp"

namespace gpupass {

/// Leaves of what disks are used for the kernel's own names of the disks: names of mounts, volumes, pools,
/// targets and of udev's links tell of people and projects, and serial numbers are among them.
void shorten_disks(Recording& recording);

}  // namespace gpupass
