// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <vector>

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// MIG of these GPUs. The driver's management library is asked, for the driver tells it nowhere else.
void read_mig(const System& system, Limits& limits, const std::set<PciAddress>& gpus,
              std::vector<PciFunction>& functions);

/// What a capture says of a function's MIG: a library answers that, and a capture has no library to ask.
void forget_mig(PciFunction& function);

}  // namespace gpupass
