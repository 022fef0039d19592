// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "apply/access.hpp"

namespace gpupass {

/// Makes the file say just this, with its last newline. Empty: no such file.
void write_file(Access& access, const std::string& path, const std::string& content);

}  // namespace gpupass
