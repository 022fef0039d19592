// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fcntl.h>

#include <string>
#include <string_view>
#include <vector>

#include "system/files/fd.hpp"

namespace gpupass {

/// For each file of a StateFolder that is opened.
constexpr int kStateFlags = O_NOFOLLOW | O_CLOEXEC;

/// The names on the way from `folder` to `path`. @throws Error Refused for a path that leads elsewhere.
std::vector<std::string> names_below(const std::string& folder, std::string_view path);

/// The file must be ours: another user who could change it would decide what a root process believes.
/// @throws Error Refused.
void expect_ours(const Fd& file, std::string_view path);

}  // namespace gpupass
