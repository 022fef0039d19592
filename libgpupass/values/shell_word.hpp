// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace gpupass {

/// A name as one word of a command that is printed to be pasted into a shell: as it is, or in quotes.
std::string shell_word(std::string_view name);

}  // namespace gpupass
