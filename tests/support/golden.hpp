// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace gpupass {

/// Compares with tests/render/golden/NAME. With GPUPASS_REGENERATE_GOLDENS=1 the file is written instead.
void expect_golden(const std::string& name, const std::string& text);

}  // namespace gpupass
