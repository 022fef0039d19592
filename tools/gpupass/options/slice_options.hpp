// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "gpupass/policy.hpp"
#include "invocation.hpp"

namespace gpupass {

/// What `slice` is to do.
struct SliceOptions {
  bool create = false;                ///< Else: take away.
  unsigned vfs = 0;                   ///< Of create, if there is no `typed`: how many virtual functions.
  std::optional<SliceRequest> typed;  ///< Slices that the driver makes by type.
};

void describe_slice_options(po::options_description& options);

/// @throws Error Usage for options that do not fit each other.
SliceOptions slice_options(const Invocation& invocation);

}  // namespace gpupass
