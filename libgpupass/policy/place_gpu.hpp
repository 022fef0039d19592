// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/error.hpp"
#include "gpupass/host.hpp"
#include "gpupass/request.hpp"

/// Which GPUs a guest may get. Part of place().
namespace gpupass {

/// The GPUs that serve the request, best first: the one that it names, else each that can be given away; of
/// those first what the guest's definition names already, then what no other guest's does, then by address.
/// @throws Error Refused when there is none, Usage and NotFound as select_gpus().
std::vector<PciAddress> candidate_gpus(const Host& host, const Request& request);

/// "cannot place NAME: saw ..., expected ..."
Error placement_refused(const Request& request, const std::string& seen, const std::string& expected,
                        const std::string& hint = {});

}  // namespace gpupass
