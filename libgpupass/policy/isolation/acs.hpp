// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gpupass/host.hpp"

/// The walk over the Access Control Services of every port. It is stricter than the kernel's grouping, which
/// gives each downstream port of a switch its own group although traffic may turn around inside the switch.
namespace gpupass {

/// Whether a function keeps peers behind it, or beside it in its slot, from going past the IOMMU.
Answer redirects_peers(const PciFunction& function);

/// What lies below each bridge.
class PciTree {
 public:
  explicit PciTree(const Host& host);

  /// The functions directly below a bridge.
  std::vector<const PciFunction*> children(PciAddress bridge) const;
  /// A function and all below it.
  std::vector<const PciFunction*> subtree(const PciFunction& top) const;

 private:
  std::vector<std::pair<PciAddress, const PciFunction*>> edges_;  // By bridge.
};

/// What the walk found so far: for one function, or for all of a group one after the other.
struct AcsFindings {
  std::vector<PciAddress> peers;
  std::vector<PciAddress> merged_by;
  std::string why_unknown;  ///< The first thing that could not be seen.
};

/// Walks from a function up to its root port.
void walk_acs(const Host& host, const PciTree& tree, const PciFunction& start, AcsFindings& findings);

}  // namespace gpupass
