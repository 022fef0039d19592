// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/error.hpp"
#include "gpupass/host.hpp"
#include "policy/place/solver.hpp"

/// Why a guest does not fit, and what would. Part of place().
namespace gpupass {

/// What is short by how much on each set of nodes with GPUs, with the nearest requests that fit as the hint.
Error refusal(const Host& host, const Request& request, Solver& solver, const Problem& problem);

/// The search was stopped before it found a place, so nobody can say that there is none.
Error not_known(const Request& request, const Problem& problem);

}  // namespace gpupass
