// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// Other software that decides which driver a function has: at boot, or when a guest starts and ends.
std::vector<Finding> claims_on(const Host& host, const PciFunction& function);

}  // namespace gpupass
