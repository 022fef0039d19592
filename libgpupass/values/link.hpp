// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"

namespace gpupass {

/// "Gen4 x8": the link as it is now.
std::string link_now(const Fact<PciLink>& link);
/// "Gen1 x8 (Gen4 x16)": beside it what it could be, if that is better. Speed alone is no sign of trouble:
/// idle GPUs rest at Gen1.
std::string link_now_of_best(const Fact<PciLink>& link);
/// "Gen4 x16": the link at its best.
std::string link_best(const Fact<PciLink>& link);

/// The narrowest and slowest maximum from the function up to its root port: what the slot allows.
/// Absent without PCI Express; unknown where a hop does not tell.
Fact<PciLink> path_link(const Host& host, const PciFunction& function);

}  // namespace gpupass
