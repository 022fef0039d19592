// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/plan.hpp"

namespace gpupass {

/// Steps of a plan that do the same to each of several functions; or one step, which has no functions here.
struct FoldedSteps {
  const Step* first = nullptr;         ///< The first of them.
  std::vector<std::string> summaries;  ///< "bind it to vfio-pci" where there are functions.
  std::vector<PciAddress> functions;
};

/// The steps in the order in which their first ones stand in the plan.
std::vector<FoldedSteps> folded(const Plan& plan);

}  // namespace gpupass
