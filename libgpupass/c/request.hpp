// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/device.hpp"
#include "gpupass/host.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/request.hpp"

namespace gpupass {

/// The GPUs that names stand for, what collective names pass over left out. @throws Error as select_gpus().
std::vector<PciAddress> gpus_named(const Host& host, const std::vector<std::string>& names);

/// The same with slices: mediated devices by their UUIDs, whether they are there or not.
std::vector<DeviceId> devices_named(const Host& host, const std::vector<std::string>& names);

/// A request that a caller wrote, with its GPUs by their addresses. @throws Error Malformed, and as
/// gpus_named().
Request request_given(const Host& host, const char* request);

}  // namespace gpupass
