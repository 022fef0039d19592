// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// Whether a service only watches GPUs, or keeps them awake, and so can be stopped for a moment.
bool may_be_stopped(std::string_view unit);

/// Services to be stopped before the functions leave their drivers: those that nobody misses, and `named`
/// ones, as far as they have a function open. Ascending.
std::vector<std::string> services_to_stop(const Host& host, const std::vector<PciAddress>& functions,
                                          const std::vector<std::string>& named);

}  // namespace gpupass
