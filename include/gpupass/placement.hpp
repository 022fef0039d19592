// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/device.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// One guest NUMA cell and what of the host backs it.
struct Cell {
  unsigned node = 0;  ///< Host NUMA node.
  CpuSet cpus;        ///< Host CPUs of its vCPUs.
  std::uint64_t memory_bytes = 0;
  std::uint64_t page_size_bytes = 0;  ///< The host's ordinary page size, or a huge page's.
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct VcpuPin {
  unsigned vcpu = 0;
  CpuSet cpus;
  friend bool operator==(const VcpuPin&, const VcpuPin&) = default;
};

/// How much better than a placement another could be, where the search for the best was stopped.
struct Gap {
  std::size_t gpu_nodes = 0;        ///< Nodes with a GPU or a device of the guest.
  std::size_t least_gpu_nodes = 0;  ///< No placement has fewer.
  std::uint64_t gpu_distance = 0;   ///< The sum of the distances between each two of its GPUs and devices.
  std::uint64_t least_gpu_distance = 0;  ///< With so few nodes none has less.
  friend bool operator==(const Gap&, const Gap&) = default;
};

/// The GPUs, CPUs and memory chosen for a request, and why.
struct Placement {
  std::vector<DeviceId> gpus;      ///< Ascending.
  std::vector<DeviceId> devices;   ///< What goes with them, ascending.
  std::vector<Cell> cells;         ///< Ascending by node: the guest's NUMA cells 0, 1, ...
  std::vector<VcpuPin> vcpu_pins;  ///< Cell after cell; SMT siblings stand side by side.
  unsigned threads_per_core = 1;   ///< Of the guest's topology.
  CpuSet emulator_cpus;
  std::vector<std::string> reasons;
  std::optional<Gap> gap = {};  ///< nullopt: it is proven that no placement is better.
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// Where one of many requests goes.
struct Packed {
  std::optional<std::size_t> host;  ///< Which of the hosts; nullopt: refused.
  Placement placement;
  std::string refusal;  ///< Why on none of them; empty: placed.
  friend bool operator==(const Packed&, const Packed&) = default;
};

/// Where many requests go.
struct Packing {
  std::vector<Packed> guests;  ///< One for each request, in their order.
  std::uint64_t gpus = 0;      ///< That they get.
  /// No packing gives more GPUs, and none has room for more guests. One packing need not reach both.
  std::uint64_t most_gpus = 0;
  std::size_t most_guests = 0;
  friend bool operator==(const Packing&, const Packing&) = default;
};

/// The best packing so far.
struct PackingProgress {
  std::size_t guests = 0;  ///< That have a place.
  std::uint64_t gpus = 0, most_gpus = 0;
};

}  // namespace gpupass
#pragma GCC visibility pop
