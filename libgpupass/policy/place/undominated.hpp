// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gpupass {

/// Adds a partial solution to `all`, and its place there to `others`, unless one of the others is no worse;
/// those that are no better than it leave them. Part of place().
template <typename Rest, typename NoWorse>
void add_undominated(const Rest& rest, std::vector<Rest>& all, std::vector<std::size_t>& others,
                     const NoWorse& no_worse) {
  if (std::ranges::any_of(others, [&](std::size_t other) { return no_worse(all[other], rest); })) return;
  std::erase_if(others, [&](std::size_t other) { return no_worse(rest, all[other]); });
  others.push_back(all.size());
  all.push_back(rest);
}

}  // namespace gpupass
