// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/request.hpp"

/// What a host has to give: the small model that placing counts with. Part of place() and pack().
namespace gpupass {

using Cores = std::vector<Core>;

/// One NUMA node with CPUs of its own. Memory-only nodes are never guest memory.
struct FreeNode {
  NumaNode node;              ///< Its memory, and its huge pages.
  CpuSet packages;            ///< Ids of the packages that its CPUs are in.
  std::vector<Cores> caches;  ///< Free cores, below one last-level cache each, ascending by the lowest CPU.
  CpuSet host_cpus;           ///< Kept for the host: at least one core. Empty: there is none to keep.
  unsigned pinned = 0, reserved = 0, isolated = 0;  ///< Cores that are not free, and why not.
  friend bool operator==(const FreeNode&, const FreeNode&) = default;
};

/// A GPU that can be given away, or a device that goes with one.
struct FreeDevice {
  PciAddress address;
  std::optional<std::size_t> node;  ///< Which of the nodes; nullopt: not known, or none with CPUs.
  std::uint64_t penalty = 0;        ///< Those with less of it are taken first.
  friend bool operator==(const FreeDevice&, const FreeDevice&) = default;
};

struct FreeResources {
  std::vector<FreeNode> nodes;      ///< Ascending by id.
  std::vector<FreeDevice> gpus;     ///< Ascending by address.
  std::vector<FreeDevice> devices;  ///< Companions that the request names.
  /// Between each two of the GPUs, then the devices. See gpu_distance().
  std::vector<std::vector<unsigned>> distances;
  std::vector<std::vector<unsigned>> node_distances;  ///< As the firmware tells them; 255 where it does not.
  std::vector<std::string> passed_over;               ///< GPUs that cannot be given away, and why.
};

/// The free cores of all nodes, without any GPU. @throws Error Refused when the host cannot be placed on at
/// all.
std::vector<FreeNode> nodes_of(const Host& host, const Request& request);

/// Nodes and GPUs. @throws Error as nodes_of(), and for names as select_gpus().
FreeResources free_resources(const Host& host, const Request& request);

/// Threads of the free cores.
std::size_t threads_of(const FreeNode& node);

}  // namespace gpupass
