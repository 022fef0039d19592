// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/mig.hpp"

namespace gpupass {

/// What nvidia-smi is told to create the instances of a fit where they belong, or to leave MIG mode. Empty:
/// nothing.
std::string mig_command(const MigFit& fit);

}  // namespace gpupass
