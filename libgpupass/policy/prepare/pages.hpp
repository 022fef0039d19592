// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/preparation.hpp"

namespace gpupass {

/// The huge pages with which each of these guests has all its memory on the nodes of its GPUs: the guests
/// fill one node after the other, and a guest that no node has GPUs for has a share of its memory with each
/// of its GPUs. @throws Error Refused where GPUs or memory do not suffice; Usage for a size that no node has.
std::vector<NodePages> pages_for(const Host& host, const WantedGuests& guests);

}  // namespace gpupass
