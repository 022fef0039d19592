// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <vector>

namespace gpupass {

/// Sorts the values, and keeps one of equal ones.
template <typename Value>
void sort_unique(std::vector<Value>& values) {
  std::ranges::sort(values);
  const auto [first, last] = std::ranges::unique(values);
  values.erase(first, last);
}

}  // namespace gpupass
