// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// The guests, which host devices they hold or want, and which CPUs they are pinned to. Absent: no
/// hypervisor.
Fact<std::vector<Domain>> read_domains(const System& system, Limits& limits);

}  // namespace gpupass
