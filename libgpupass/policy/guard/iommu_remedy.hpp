// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"

namespace gpupass {

/// What switches the IOMMU on, by what keeps it off: an option of the kernel, one that is missing, or the
/// firmware.
std::string iommu_remedy(const Host& host);
/// Whether an option of the kernel switches it on: Intel's, where the firmware describes one and no option
/// speaks of it.
bool option_switches_iommu_on(const Host& host);
/// What brings a function into a group that the IOMMU leaves out.
std::string group_remedy(const Host& host, const PciFunction& function);
/// The same of interrupt remapping. Some chip sets cannot do it.
std::string remapping_remedy(const Host& host);

}  // namespace gpupass
