// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace gpupass {

/// Whether an option of the kernel is about the IOMMU, VFIO, or what PCI makes of devices.
bool concerns_iommu(std::string_view option);

/// Whether gpupass may put the option on the kernel's command line: it concerns_iommu(), and no shell and no
/// boot loader reads anything else in it.
bool may_be_added(std::string_view option);

}  // namespace gpupass
