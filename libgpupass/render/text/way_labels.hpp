// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/assess.hpp"

namespace gpupass {

/// "GPU0", "GPU1", "NIC0", "NVMe0": short names for the rows and columns of a matrix.
std::vector<std::string> way_labels(const WayMatrix& matrix);

}  // namespace gpupass
