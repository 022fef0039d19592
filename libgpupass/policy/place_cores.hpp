// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"

/// Which cores of one NUMA node a guest gets. Part of place().
namespace gpupass {

/// Whole cores for a number of vCPUs.
struct CoreChoice {
  std::vector<VcpuPin> pins;      ///< One CPU each; SMT siblings stand side by side.
  unsigned threads_per_core = 1;  ///< 1 where vCPUs do not fill every core alike.
  CpuSet emulator_cpus;           ///< Of the same node, kept for the host.
  std::vector<std::string> reasons;
};

/// What a guest asks of the CPUs.
struct CoreRequest {
  std::string guest;  ///< Its own present pins are no obstacle.
  unsigned vcpus = 0;
  CpuSet reserved;
};

/// @throws Error Refused, naming how many vCPUs the node has room for and what takes the rest.
CoreChoice choose_cores(const Host& host, const NumaNode& node, const CoreRequest& request);

}  // namespace gpupass
