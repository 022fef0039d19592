// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/report.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// The operation of the journal with this id. @throws Error NotFound.
Operation operation_named(const System& system, const char* id);

}  // namespace gpupass
