// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/fact.hpp"
#include "gpupass/topology.hpp"

namespace gpupass {

/// The CPUs of a machine as hwloc sees them: of the running one for "/", else of a captured tree, of which no
/// link may lead out. Absent: hwloc sees none.
Fact<CpuTopology> cpus_by_hwloc(const std::string& root);

}  // namespace gpupass
