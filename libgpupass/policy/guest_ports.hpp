// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/pci.hpp"

namespace gpupass {

/// The ports of a guest into which a card may be plugged so that the guest knows its NUMA node. Left to itself libvirt
/// takes the first free port of all, and firmware has kept no room there for a GPU's memory.
class GuestPorts {
 public:
  /// @throws Error Malformed for what is no domain.
  explicit GuestPorts(const std::string& definition);

  /// The slot behind a free port below the expander of a cell whose memory is from this node; each is given once.
  std::optional<PciAddress> take(unsigned node);

 private:
  struct Port {
    unsigned index = 0;
    CpuSet nodes;  ///< Where the memory of its cell is from.
  };
  std::vector<Port> free_;  // Ascending by index.
};

}  // namespace gpupass
