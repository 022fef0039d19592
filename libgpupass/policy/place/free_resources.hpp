// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/device.hpp"
#include "gpupass/host.hpp"
#include "gpupass/request.hpp"

/// What a host has to give: the small model that placing counts with. Part of place() and pack().
namespace gpupass {

using Cores = std::vector<Core>;

/// One NUMA node with CPUs of its own. Memory-only nodes are never guest memory.
struct FreeNode {
  NumaNode node;    ///< Its memory, and its huge pages.
  CpuSet packages;  ///< Ids of the packages that its CPUs are in.
  /// Free cores, below one last-level cache each: the largest cache first, then the one with the lowest CPU.
  std::vector<Cores> caches;
  std::vector<Cache> last_level;  ///< The caches of the host.
  CpuSet set_aside;  ///< Free CPUs that the kernel isolates from its scheduler: they wait for guests.
  CpuSet efficient;  ///< CPUs of cores that are slower than others.
  CpuSet host_cpus;  ///< Kept for the host: at least one core. Empty: there is none to keep.
  unsigned pinned = 0, reserved = 0,
           isolated = 0;  ///< Cores that are not free, and why not: isolated in part.
  friend bool operator==(const FreeNode&, const FreeNode&) = default;
};

/// GPUs that the kernel gives to one guest alone, because they share an IOMMU group.
struct Unit {
  PciAddress first;    ///< The lowest of them.
  unsigned gpus = 1;   ///< How many there are on the host.
  bool whole = false;  ///< They can only go together.
  friend bool operator==(const Unit&, const Unit&) = default;
};

/// A GPU that can be given away, or a device that goes with one.
struct FreeDevice {
  PciAddress address;
  std::optional<std::size_t> node;  ///< Which of the nodes; nullopt: not known, or none with CPUs.
  std::uint64_t penalty = 0;        ///< Those with less of it are taken first.
  std::optional<Unit> unit = {};    ///< nullopt: it is alone in its group.
  /// Of a slice of a GPU, what the guest gets; `address` is the virtual function, or the parent.
  std::optional<DeviceId> slice = {};
  friend bool operator==(const FreeDevice&, const FreeDevice&) = default;
};

struct FreeResources {
  std::vector<FreeNode> nodes;      ///< Ascending by id.
  std::vector<FreeDevice> gpus;     ///< Ascending by address.
  std::vector<FreeDevice> devices;  ///< Companions that the request names.
  /// Between each two of the GPUs, then the devices. See gpu_distances().
  std::vector<std::vector<unsigned>> distances;
  std::vector<std::vector<unsigned>> node_distances;  ///< As the firmware tells them; 255 where it does not.
  std::vector<std::string> passed_over;               ///< GPUs that cannot be given away, and why.
  std::vector<PciAddress>
      mates_of_taken;  ///< GPUs that a guest keeps from others, as one of their group is its.
};

/// The free cores of all nodes, without any GPU. @throws Error Refused when the host cannot be placed on at
/// all.
std::vector<FreeNode> nodes_of(const Host& host, const Request& request);

/// Nodes and GPUs. @throws Error as nodes_of(), and for names as select_gpus().
FreeResources free_resources(const Host& host, const Request& request);

/// The size of the cache above a CPU; 0: it is not known.
std::uint64_t bytes_of_cache(const std::vector<Cache>& caches, unsigned cpu);

}  // namespace gpupass
