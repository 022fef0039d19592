// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string_view>

#include "gpupass/state.hpp"

namespace gpupass {

/// Whether there is to be any slice: then each boot has something to make.
inline bool wants_slices(const DeclaredSlices& slices) {
  return (slices.mig && slices.mig->enabled) || slices.vfs.value_or(0) > 0 ||
         (slices.types && !slices.types->empty());
}

/// Whether a type of slices can be called so: one line of visible letters, as drivers name their types.
inline bool is_type_name(std::string_view name) {
  constexpr std::size_t kMost = 100;
  const auto is_visible = [](char letter) { return letter >= ' ' && letter < 0x7f; };
  return !name.empty() && name.size() <= kMost && std::ranges::all_of(name, is_visible);
}

}  // namespace gpupass
