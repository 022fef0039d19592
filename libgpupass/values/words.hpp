// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>
#include <vector>

namespace gpupass {

/// The words of a text, separated by spaces, tabs or line ends.
std::vector<std::string_view> words_of(std::string_view text);
/// The lines of a text that are not empty, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace gpupass
