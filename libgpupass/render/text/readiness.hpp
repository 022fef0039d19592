// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/assess.hpp"

namespace gpupass {

/// "6 of 8 GPUs are ready; 2 need a firmware setting". Empty: no GPU was checked.
std::string readiness_sentence(const Readiness& readiness);

}  // namespace gpupass
