// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/policy.hpp"
#include "policy/slice/typed.hpp"

/// From the slices of types that a GPU has to those that it is to have.
namespace gpupass {

/// Whether slices that are not declared go.
enum class Surplus { Remove, Keep };

/// The id of a type: what the user calls it is one, or he has said it.
const std::string& id_of(const DeclaredType& type);

/// Slices that are to be made.
struct MissingSlices {
  const DeclaredType* type = nullptr;
  unsigned count = 1;
  std::optional<DeviceId> device;  ///< Which one; then `count` is 1. nullopt: any.
};
/// What lies between two sets of slices.
struct SliceChanges {
  std::vector<TypedSlice> surplus;
  std::vector<MissingSlices> missing;
};
/// Of more than are declared those stay that somebody has or wants. `wanted` must outlive the result.
SliceChanges slice_changes(const Host& host, const std::vector<TypedSlice>& present,
                           const std::vector<DeclaredType>& wanted);

/// What is not declared goes first, for it may have the room of what is. @throws Error Refused where one that
/// would go is in use or wanted, and where a type cannot be made.
Plan plan_typed_slices(const Host& host, const PciFunction& gpu, const std::vector<DeclaredType>& wanted,
                       Surplus surplus);

}  // namespace gpupass
