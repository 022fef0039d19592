// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/request.hpp"
#include "policy/place/solver.hpp"

namespace gpupass {

/// The largest number of vCPUs below the problem's that fits; nullopt: none does.
std::optional<unsigned> fewer_vcpus(Solver& solver, const Problem& problem);

struct NearestFit {
  std::string words;  ///< "with 14 vCPUs"
  Request request;    ///< What the user left to gpupass, in numbers.
};
/// The nearest requests that fit, each with one thing changed: the GPUs, the vCPUs, the memory.
std::vector<NearestFit> nearest_fits(const Host& host, const Request& asked, Solver& solver,
                                     const Problem& problem);

}  // namespace gpupass
