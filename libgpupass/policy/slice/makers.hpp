// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/pci.hpp"

namespace gpupass {

/// What stands against setting sriov_numvfs of a function, and what to do instead. Both are empty where
/// nothing is known against it: then the driver decides.
struct VfObstacle {
  std::string why;
  std::string remedy;
  friend bool operator==(const VfObstacle&, const VfObstacle&) = default;
};

/// By the driver that a physical function has now.
VfObstacle vf_obstacle(const PciFunction& function);

}  // namespace gpupass
