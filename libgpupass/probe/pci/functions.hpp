// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"
#include "gpupass/probe.hpp"
#include "probe/limits.hpp"

namespace gpupass {

/// Reads the PCI functions and their IOMMU groups into `host`: of every function its class, of the GPUs and
/// of what is near them what the parts ask for. A large machine has hundreds of functions, and reading is
/// what a probe costs.
void read_pci(const System& system, const ProbeOptions& options, Limits& limits, Host& host);

}  // namespace gpupass
