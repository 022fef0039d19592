// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/host.hpp"
#include "render/text/topology_tree.hpp"

/// What of a machine is drawn.
namespace gpupass {

/// A port, a switch with all its ports, or a device, and what hangs from it.
struct Part {
  enum class Kind { Port, Switch, Bridge, Gpu, Device };
  Kind kind = Kind::Device;
  const PciFunction* function = nullptr;
  const Assessment* gpu = nullptr;       ///< Of the kind Gpu.
  const LinkAssessment* link = nullptr;  ///< That leads to it; nullptr: none does.
  std::vector<Part> below;
};

/// The nodes of one package. The title is empty where the package is not known.
struct PackageFrame {
  struct Node {
    TopologyNode node;
    std::vector<Part> parts;
  };
  std::string title;
  std::vector<Node> nodes;
};

/// In the order of the nodes. Of virtual functions only those that guests have.
std::vector<PackageFrame> frames_of(const Host& host, const Picture& picture);

}  // namespace gpupass
