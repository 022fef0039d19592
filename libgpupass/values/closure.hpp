// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// The closures of several GPUs as one: where they overlap, each function once. Ascending.
std::vector<PciAddress> closure_of(const Host& host, const std::vector<PciAddress>& gpus);

/// Whether there is nothing to do to bind a closure: all of it is on VFIO, and it is not empty.
bool is_bound(const Host& host, const std::vector<PciAddress>& closure);

/// Those of the functions that keep VFIO from giving their IOMMU groups to a guest.
std::vector<const PciFunction*> with_host(const Host& host, const std::vector<PciAddress>& functions);

/// The IOMMU groups of these functions, ascending, each once.
std::vector<std::uint32_t> groups_of(const Host& host, const std::vector<PciAddress>& functions);

}  // namespace gpupass
