// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/pci.hpp"
#include "probe/folder.hpp"

namespace gpupass {

/// What the kernel and the function's driver say of slices, but for the virtual functions themselves.
/// Drivers answer some of it under locks of their own. A function whose driver has hung is not asked.
/// Reads: sriov_drivers_autoprobe, sriov_admin/, mdev_supported_types/, nvidia/creatable_vgpu_types.
void read_slicing(const Folder& folder, bool wedged, PciFunction& function);

}  // namespace gpupass
