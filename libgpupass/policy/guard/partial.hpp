// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// A finding that the GPU is on VFIO, but drivers of the host have functions that must move with it, so that
/// no guest gets it. nullopt: no function keeps it from guests, or it is not on VFIO itself.
std::optional<Finding> partial_finding(const Host& host, const PciFunction& gpu);

}  // namespace gpupass
