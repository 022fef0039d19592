// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace gpupass {

/// Whether a driver is known to release an unused device. The remove() of other drivers may never return.
bool is_known_to_let_go(std::string_view driver);

}  // namespace gpupass
