// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpupass {

/// The candidate that was probably meant by a mistyped word: one that differs in a few letters only, or in
/// upper and lower case. Empty: none is near, or two are equally near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace gpupass
