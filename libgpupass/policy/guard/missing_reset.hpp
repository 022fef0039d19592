// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// That nothing resets the GPU, or only together with functions that are not `leaving`. nullopt: it can be
/// reset, or nobody knows.
std::optional<Finding> missing_reset(const Host& host, const PciFunction& gpu,
                                     const std::vector<PciAddress>& leaving);

}  // namespace gpupass
