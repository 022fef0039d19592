// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "gpupass/host.hpp"
#include "gpupass/parts.hpp"
#include "gpupass/state.hpp"
#include "invocation.hpp"

namespace gpupass {

void describe_declared_options(po::options_description& options);

/// What is declared of a host: a file says it for each, or a file of mig-parted or vgpu-device-manager of its
/// slices alone.
struct Declaration {
  std::function<State(const Host& host)> on;
  Parts parts;  ///< What the host must have been asked for it, beside what the verb needs.
};

/// Reads the file that the invocation names, once. @throws Error Usage for options that do not fit each
/// other.
Declaration declaration(const Invocation& invocation);

}  // namespace gpupass
