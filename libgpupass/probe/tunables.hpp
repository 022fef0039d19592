// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// What of this host can be tuned: a governor that can be "performance", the interrupts of functions that are
/// on VFIO, and what else its kernel has. Ascending.
std::vector<TunableState> read_tunables(const System& system, const Host& host);

/// What gpupass has tuned. Absent: nothing.
Fact<Tuned> read_tuned(const System& system, Limits& limits);

}  // namespace gpupass
