// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// What mdevctl keeps of PCI functions, ascending. Absent: there is no mdevctl. Unknown where one of its
/// files cannot be read: then that device could be taken for one that is forgotten. Reads: /etc/mdevctl.d.
Fact<std::vector<MediatedDefinition>> read_mediated_definitions(const System& system, Limits& limits);

}  // namespace gpupass
