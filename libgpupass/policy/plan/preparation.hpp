// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/preparation.hpp"

namespace gpupass {

/// What gpupass's files make of every boot. @throws Error Refused where that is not known.
Preparation known_preparation(const Host& host, const std::string& verb);

/// Every boot does what `wanted` says and nothing else, and this one does already what it can.
Plan plan_preparation(const Host& host, const Preparation& wanted, PagesNow now);

}  // namespace gpupass
