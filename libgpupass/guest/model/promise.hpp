// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/device.hpp"
#include "guest/model/cells.hpp"

/// What a definition promises its guest: where each device of the host stands there.
namespace gpupass {

/// A device and function number on its bus.
struct BusSlot {
  std::uint8_t device = 0;
  std::uint8_t function = 0;
  friend auto operator<=>(const BusSlot&, const BusSlot&) = default;
};

/// Where a function stands among a guest's PCI buses. Firmware chooses the numbers of all but the root buses,
/// so a place is the way to it.
struct GuestPlace {
  std::uint8_t root_bus = 0;
  std::vector<BusSlot> way;  ///< From the root bus down: bridges, and the function itself at the end.
  friend auto operator<=>(const GuestPlace&, const GuestPlace&) = default;
};
/// "00:02.0/00.0": the root bus with the first bridge, and what is behind it.
std::string to_string(const GuestPlace& place);

struct PromisedDevice {
  DeviceId device;                     ///< Of the host.
  std::optional<GuestPlace> place;     ///< nullopt: the definition leaves it open.
  std::optional<unsigned> cell;        ///< nullopt: it is below no expander of a cell.
  std::optional<CpuSet> memory_nodes;  ///< The nodes of the host that the cell's memory is from, if bound.
  friend bool operator==(const PromisedDevice&, const PromisedDevice&) = default;
};

enum class AgentChannel { Missing, Disconnected, Connected, Unknown };

struct GuestPromise {
  std::vector<PromisedDevice> devices;  ///< In the order of the definition.
  std::vector<GuestCell> cells;
  /// Whether the guest has a channel for an agent, and one has opened it.
  AgentChannel agent = AgentChannel::Unknown;
  friend bool operator==(const GuestPromise&, const GuestPromise&) = default;
};

/// What a live definition promises. What cannot be read of a broken one is left out.
GuestPromise promise_of(const std::string& live_xml);

}  // namespace gpupass
