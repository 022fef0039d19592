// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "gpupass/host.hpp"

namespace gpupass {

/// The option of patched kernels, "pcie_acs_override=downstream,multifunction", by which the kernel groups
/// devices as if ports had the ACS that they lack. nullopt: the kernel has none.
std::optional<std::string> acs_override(const Host& host);

}  // namespace gpupass
