// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// Whether the IOMMU groups of a guest's devices can go to it now: as a whole, and to no other guest.
void check_groups_of_guest(const Host& host, const std::string& xml, std::vector<Finding>& findings);

}  // namespace gpupass
