// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace gpupass {

/// Whether the kernel takes a new value of a tunable there.
bool is_tunable(std::string_view path);

}  // namespace gpupass
