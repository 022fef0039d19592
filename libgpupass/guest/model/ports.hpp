// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/device.hpp"
#include "gpupass/host.hpp"

namespace gpupass {

/// The ports of a guest into which a card may be plugged so that the guest knows its NUMA node and has
/// addresses for its memory. Left to itself libvirt takes the first free port of all.
class GuestPorts {
 public:
  /// @throws Error Malformed for what is no domain.
  explicit GuestPorts(const std::string& definition);

  /// The slot behind a free port below the expander of a cell whose memory is from this node; each is given
  /// once.
  std::optional<PciAddress> take(unsigned node);
  /// Where a function can be plugged in as the guest runs.
  struct Slot {
    PciAddress address;
    bool has_room = false;  ///< The firmware has kept addresses for all of the function's memory.
  };
  /// A slot with room, if the definition shows one; below an expander of this node, if there is one; and the
  /// one that others need least.
  std::optional<Slot> take(const PciFunction& function, std::optional<unsigned> node);
  /// Whether it has such ports at all. One of conventional PCI has slots instead, which libvirt knows best.
  bool express() const { return express_; }
  std::size_t free() const { return free_.size(); }

 private:
  struct Port {
    unsigned index = 0;
    CpuSet
        nodes;  ///< Where the memory of its cell is from; empty: it is on the root bus, or that is not known.
    std::uint64_t low_bytes = 0, high_bytes = 0;  ///< Kept by the firmware, of both kinds of memory windows.
    std::uint64_t kept_bytes() const { return low_bytes + high_bytes; }
  };
  PciAddress hand_out(std::size_t port);
  template <typename Order>
  std::size_t first_by(const Order& order) const;

  std::vector<Port> free_;  // Ascending by index.
  bool express_ = false;
};

/// Whether another device of the definition is in the guest's slot that this function of the host is in.
/// libvirt cannot remove such a slot from a running guest.
bool shares_slot(const std::string& definition, DeviceId device);

}  // namespace gpupass
