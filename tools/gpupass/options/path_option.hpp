// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "invocation.hpp"

namespace gpupass {

/// The path from the root of a file that the user names from the present folder: QEMU is started in another.
std::string from_root(const std::string& path);

/// Whether this machine, if the command line is about it, certainly does not have the file.
bool is_missing(const Invocation& invocation, const std::string& path);
/// Tells of a file that a guest needs and this machine does not have. Of another machine nobody knows.
void warn_if_missing(const Invocation& invocation, const std::string& path);

}  // namespace gpupass
