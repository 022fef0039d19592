// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "gpupass/system.hpp"

namespace gpupass {

/// A captured machine, with what its capture lacks and a machine has that can give its GPUs away: each card
/// of a GPU is in an IOMMU group, and the firmware started on none of them. It never
/// contradicts the capture.
std::shared_ptr<const System> healthy(std::shared_ptr<const System> captured);

}  // namespace gpupass
