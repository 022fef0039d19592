// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "policy/place/solve.hpp"

namespace gpupass {

/// @throws Error Usage for what no host could serve: no GPUs, no vCPUs, cells that contradict each other.
void check_request(const Request& request);

/// The request in numbers. @throws Error Usage as above.
Problem problem_of(const Request& request, std::size_t gpus);

}  // namespace gpupass
