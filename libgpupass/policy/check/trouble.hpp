// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gpupass/assess.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// What somebody must do about a GPU that is neither with the host nor on VFIO. nullopt: it is one of the
/// two.
std::optional<Finding> trouble_of(const Host& host, const Assessment& gpu);

}  // namespace gpupass
