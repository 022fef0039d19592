// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"

namespace gpupass {

/// Whether a bridge is the port of a switch that leads up to the CPU. Where its configuration space cannot be
/// read, by its place: a root port has such ports below it, and those have ports that lead down.
bool is_upstream_port(const Host& host, const PciFunction& bridge);

}  // namespace gpupass
