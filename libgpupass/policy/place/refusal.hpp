// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/error.hpp"
#include "gpupass/host.hpp"
#include "policy/place/solve.hpp"

/// Why a guest does not fit, and what would. Part of place().
namespace gpupass {

/// What is short by how much on each set of nodes that was tried, with the nearest requests that fit as the
/// hint.
Error refusal(const Host& host, const Request& request, const FreeResources& resources,
              const Problem& problem, const Misfits& misfits);

}  // namespace gpupass
