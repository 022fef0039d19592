// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/policy.hpp"
#include "invocation.hpp"

namespace gpupass {

/// What `slice` is to do.
struct SliceOptions {
  bool create = false;                ///< Else: take away.
  unsigned vfs = 0;                   ///< Of create, if there is no `typed`: how many virtual functions.
  std::optional<SliceRequest> typed;  ///< Slices that the driver makes by type.
  /// What is said of MIG instances: profiles to make, or instances to take away.
  std::optional<std::vector<std::string>> mig;
  bool mig_file = false;  ///< Of create: all that a file of mig-parted declares.
};

/// In the place of instances: all of them; MIG mode without any; no MIG mode.
inline constexpr auto kMigAll = "all";
inline constexpr auto kMigOn = "on";
inline constexpr auto kMigOff = "off";

void describe_slice_options(po::options_description& options);

/// @throws Error Usage for options that do not fit each other.
SliceOptions slice_options(const Invocation& invocation);

}  // namespace gpupass
