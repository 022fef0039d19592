// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"

namespace gpupass {

/// How many there are of each.
struct Shape {
  unsigned nodes = 1, in_package = 1, cores_on_each = 1;
  unsigned gpus = 1, on_each = 1, below_switch = 1;
};

/// Nodes with cores of two threads below one cache each, and 64 GiB; GPUs by twos, say, below a switch.
Host large_host(const Shape& shape);

}  // namespace gpupass
