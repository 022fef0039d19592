// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// What a guest with these GPUs, and these devices beside them, needs where NVSwitches connect the GPUs of
/// the host. nullopt: nothing; it has all of both, or there are none.
std::optional<Finding> partition_finding(const Host& host, const std::vector<PciAddress>& gpus,
                                         const std::vector<PciAddress>& devices);

}  // namespace gpupass
