// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <concepts>
#include <type_traits>

namespace gpupass {

/// Marks a field that files of earlier versions lack: there it keeps its default.
struct AddedLater {};
inline constexpr AddedLater kAddedLater;

/// Either const or not: who writes JSON has the one, who reads it the other.
template <typename T, typename Value>
concept Is = std::same_as<std::remove_const_t<T>, Value>;

}  // namespace gpupass
