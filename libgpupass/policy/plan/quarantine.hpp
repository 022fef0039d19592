// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"
#include "gpupass/plan.hpp"

namespace gpupass {

/// As plan_quarantine(), for a hand-over: in place of what an earlier hand-over recorded. What a person has
/// recorded stays.
Plan plan_unproven(const Host& host, PciAddress gpu, const std::string& reason);

}  // namespace gpupass
