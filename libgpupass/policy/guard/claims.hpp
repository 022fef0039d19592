// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// Ids by which a driver takes the function whenever the kernel looks for one.
/// @returns nullptr when there are none, or that is not known.
const Claim* claim_by_ids(const Host& host, const PciFunction& function);
/// "/proc/cmdline gives 10de:2684 to vfio-pci".
std::string text_of(const Claim& claim);
/// What ends a claim.
std::string withdrawal_of(const Claim& claim);

/// Other software that decides which driver a function has: at boot, or when a guest starts and ends.
std::vector<Finding> claims_on(const Host& host, const PciFunction& function);

}  // namespace gpupass
