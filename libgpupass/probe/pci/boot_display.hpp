// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// Corrects boot_vga, which knows VGA controllers alone, and names one of them where the firmware started on
/// a display of another class. From Linux 6.17 on the DRM card of that GPU has a file boot_display:
/// drivers/gpu/drm/drm_sysfs.c.
void read_boot_display(const System& system, std::vector<PciFunction>& functions);

}  // namespace gpupass
