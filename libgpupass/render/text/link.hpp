// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"

namespace gpupass {

/// "16 GT/s x16": the link as it is now; "x8/16" when it has fewer lanes than it could. Speed alone is no
/// sign of trouble: idle GPUs rest at 2.5 GT/s.
std::string link_now(const Fact<PciLink>& link);
/// "16 GT/s x16": the link at its best.
std::string link_best(const Fact<PciLink>& link);

/// The narrowest and slowest maximum from the function up to its root port: what the slot allows.
/// Absent without PCI Express; unknown where a hop does not tell.
Fact<PciLink> path_link(const Host& host, const PciFunction& function);

}  // namespace gpupass
