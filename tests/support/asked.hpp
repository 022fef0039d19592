// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"

namespace gpupass {

/// Gives each fact of a host made by hand that was not asked for the answer of a quiet machine: nobody uses a
/// device, nothing is recorded. What only a look at the machine can tell of a function is unknown, because
/// "it was not read".
void ask_the_rest(Host& host);
void ask_the_rest(PciFunction& function);

}  // namespace gpupass
