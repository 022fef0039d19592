// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "gpupass/system.hpp"

namespace gpupass {

/// Opens a captured machine to compare what it says: with time enough for its worker, as the machine that
/// runs the tests may be loaded by others.
std::unique_ptr<System> open_host(const std::string& root);

}  // namespace gpupass
