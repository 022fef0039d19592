// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace gpupass {

/// Whether a driver is known to let a device go that nobody uses. Of others nobody knows whether their
/// remove() returns.
bool is_known_to_let_go(std::string_view driver);

}  // namespace gpupass
