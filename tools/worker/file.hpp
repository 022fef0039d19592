// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>

#include "system/files/fd.hpp"

namespace gpupass {

/// As open(2); programs that are run do not inherit it. Leaves errno.
Fd open_file(const std::string& path, int flags, mode_t mode = 0);

/// @throws gpupass::Error by errno, always: NotFound where there is no such file.
[[noreturn]] void fail_to_write(const std::string& path);

}  // namespace gpupass
