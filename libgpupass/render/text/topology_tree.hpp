// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// A function and what of interest hangs below it.
struct TopologyBranch {
  const PciFunction* function = nullptr;
  std::vector<TopologyBranch> below;
};

/// One NUMA node and the devices that are nearest to it.
struct TopologyNode {
  std::optional<int> id;           ///< None: the node of these devices is not known.
  const NumaNode* node = nullptr;  ///< nullptr: the host tells no more of it.
  std::vector<unsigned> packages;  ///< Those with a CPU in the node.
  std::vector<TopologyBranch> devices;
};

/// The host's nodes in ascending order, the unknown one last, and below them the way from each root port to
/// each GPU, network card and NVMe drive. Virtual functions of anything but GPUs are left out.
std::vector<TopologyNode> topology_of(const Host& host);

}  // namespace gpupass
