// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/cpu_set.hpp"

namespace pugi {
class xml_node;
}

/// The NUMA nodes that a guest is told of, and their vCPUs.
namespace gpupass {

inline constexpr unsigned kMostVcpus = 4096;  // Of any machine type of QEMU's.

struct GuestCell {
  unsigned id = 0;
  CpuSet vcpus;
  friend bool operator==(const GuestCell&, const GuestCell&) = default;
};

/// A guest without cells is one.
std::vector<GuestCell> cells_of(pugi::xml_node domain);

/// So many from 0 on.
CpuSet first_vcpus(unsigned count);

}  // namespace gpupass
