// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nvml.hpp"

/// NVIDIA's Multi-Instance GPU as its management library has it: the structs of nvml.h, and the calls.
/// Handles are pointers to what only the library knows.
namespace gpupass {

/// nvmlGpuInstancePlacement_t, and nvmlComputeInstancePlacement_t.
struct NvmlPlacement {
  unsigned start = 0;
  unsigned size = 0;
};

/// What both nvmlGpuInstanceProfileInfo_t and nvmlComputeInstanceProfileInfo_t begin with. The first has
/// eight words and one of 64 bits behind that, the second six words.
struct NvmlProfileInfo {
  unsigned id = 0;
  unsigned second = 0;  ///< Of the first whether it can do P2P, of the second how many slices it has.
  unsigned third = 0;   ///< Of the first how many slices it has, of the second how many there can be.
  unsigned fourth = 0;  ///< Of the first how many there can be.
  unsigned others[6] = {};
  unsigned long long memory_mib = 0;
};

/// nvmlGpuInstanceInfo_t.
struct NvmlGpuInstanceInfo {
  void* device = nullptr;
  unsigned id = 0;
  unsigned profile_id = 0;
  NvmlPlacement placement;
};

/// nvmlComputeInstanceInfo_t.
struct NvmlComputeInstanceInfo {
  void* device = nullptr;
  void* gpu_instance = nullptr;
  unsigned id = 0;
  unsigned profile_id = 0;
  NvmlPlacement placement;
};

/// An instance with its handle.
struct NvmlGpuInstance {
  void* handle = nullptr;
  NvmlGpuInstanceInfo info;
};
struct NvmlComputeInstance {
  void* handle = nullptr;
  NvmlComputeInstanceInfo info;
};

/// MIG of one GPU.
class NvmlMig {
 public:
  NvmlMig(const Nvml& nvml, PciAddress gpu) : nvml_(nvml), device_(nvml.device(gpu)) {}

  /// nullopt: the GPU can have none. @throws Error, as all the others do.
  struct Mode {
    bool now = false;
    bool pending = false;
  };
  std::optional<Mode> mode() const;
  void set_mode(bool on) const;

  std::vector<NvmlGpuInstance> instances() const;
  std::vector<NvmlComputeInstance> compute_instances(void* gpu_instance) const;
  void* create(unsigned profile_id, const NvmlPlacement& placement) const;
  void create_compute(void* gpu_instance, const NvmlPlacement& span) const;
  void destroy(void* gpu_instance) const;
  void destroy_compute(void* compute_instance) const;

  /// Calls `visit(handle, id of the GPU instance, id of the compute instance)` for the device of each compute
  /// instance.
  void for_each_device(const std::function<void(void*, unsigned, unsigned)>& visit) const;
  std::string uuid_of(void* mig_device) const;
  /// The PIDs of those that compute on it.
  std::vector<int> processes_of(void* mig_device) const;

 private:
  const Nvml& nvml_;
  void* device_;
};

}  // namespace gpupass
