// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"

namespace gpupass {

/// The parts in which two hosts differ, for the message of a failing test. Empty: they are equal.
std::string difference(const Host& left, const Host& right);

}  // namespace gpupass
