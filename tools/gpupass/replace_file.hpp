// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gpupass {

/// Puts `content` in the place of a file in one go: whoever looks sees the old file or the whole new one.
/// @throws Error System when it cannot.
void replace_file(const std::string& path, std::string_view content);

}  // namespace gpupass
