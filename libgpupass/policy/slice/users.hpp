// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/device.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// Who has a vGPU or a mediated device now: guests that run with it, and processes that have it open. If that
/// is not known, a finding says so.
std::vector<Finding> users_of_slice(const Host& host, DeviceId slice);

/// The guests that start with it.
std::vector<Finding> wishes_for_slice(const Host& host, DeviceId slice);

}  // namespace gpupass
