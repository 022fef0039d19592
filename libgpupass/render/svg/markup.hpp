// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace gpupass {

/// Foreign text as the content or an attribute of an element of XML or HTML. What is not printable() is shown
/// as escapes.
std::string escaped(std::string_view text);

}  // namespace gpupass
