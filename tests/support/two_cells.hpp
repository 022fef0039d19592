// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/request.hpp"

namespace gpupass {

/// two_sockets() with what goes along with GPUs: a NIC of two ports on node 1, an NVMe drive on node 0, and a
/// card whose node nobody knows.
Host two_sockets_with_companions();

inline constexpr PciAddress kNvme{0, 0x42, 0, 0};
inline constexpr PciAddress kNic{0, 0xc2, 0, 0};
inline constexpr PciAddress kNicPort1{0, 0xc2, 0, 1};
inline constexpr PciAddress kStray{0, 0xf0, 0, 0};

/// Gives a function one 64-bit prefetchable BAR of this size, and a small one.
void set_large_bar(Host& host, PciAddress address, std::uint64_t size_bytes);

/// Both GPUs, and a request's vCPUs and memory in halves on both nodes; siblings stand side by side.
Placement two_cells(const Request& request, unsigned threads_per_core = 2);

}  // namespace gpupass
