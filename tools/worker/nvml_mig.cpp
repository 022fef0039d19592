// SPDX-License-Identifier: GPL-2.0-or-later
#include "nvml_mig.hpp"

#include <algorithm>
#include <array>

namespace gpupass {

namespace {

/// Profiles are numbered from 0 on, with gaps. nvml.h of 2026 has 18 of GPU instances and 9 of compute
/// instances; later ones come behind.
constexpr unsigned kGpuProfiles = 32;
constexpr unsigned kComputeProfiles = 16;
/// More than any card can have.
constexpr unsigned kMostInstances = 64;
/// All engines but the multiprocessors are shared: NVML_COMPUTE_INSTANCE_ENGINE_PROFILE_SHARED, the only one.
constexpr unsigned kSharedEngines = 0;

/// nvmlProcessInfo_t, since its version 2.
struct ProcessInfo {
  unsigned pid = 0;
  unsigned long long memory_bytes = 0;
  unsigned gpu_instance_id = 0;
  unsigned compute_instance_id = 0;
};

/// This number of a profile is none of this GPU's.
bool is_no_profile(NvmlResult result) {
  return result == NvmlResult::NotSupported || result == NvmlResult::InvalidArgument;
}

std::vector<NvmlProfileInfo> compute_profiles(const Nvml& nvml, void* gpu_instance) {
  std::vector<NvmlProfileInfo> profiles;
  for (unsigned number = 0; number < kComputeProfiles; ++number) {
    NvmlProfileInfo info;
    const NvmlResult result = nvml.call<void*, unsigned, unsigned, NvmlProfileInfo*>(
        "nvmlGpuInstanceGetComputeInstanceProfileInfo", gpu_instance, number, kSharedEngines, &info);
    if (is_no_profile(result)) continue;
    nvml.expect(result, "read the profiles of compute instances");
    profiles.push_back(info);
  }
  return profiles;
}

}  // namespace

std::optional<NvmlMig::Mode> NvmlMig::mode() const {
  unsigned now = 0, pending = 0;
  const NvmlResult result =
      nvml_.call<void*, unsigned*, unsigned*>("nvmlDeviceGetMigMode", device_, &now, &pending);
  if (result == NvmlResult::NotSupported) return std::nullopt;
  nvml_.expect(result, "read the MIG mode");
  return Mode{now != 0, pending != 0};
}

/// The call may succeed although the mode is not active: then the second result says why.
void NvmlMig::set_mode(bool on) const {
  int activation = 0;
  nvml_.expect(nvml_.call<void*, unsigned, int*>("nvmlDeviceSetMigMode", device_, on ? 1U : 0U, &activation),
               "set the MIG mode");
  nvml_.expect(static_cast<NvmlResult>(activation), on ? "begin MIG mode" : "end MIG mode");
}

std::vector<NvmlGpuInstance> NvmlMig::instances() const {
  std::vector<NvmlGpuInstance> instances;
  for (unsigned number = 0; number < kGpuProfiles; ++number) {
    NvmlProfileInfo profile;
    NvmlResult result = nvml_.call<void*, unsigned, NvmlProfileInfo*>("nvmlDeviceGetGpuInstanceProfileInfo",
                                                                      device_, number, &profile);
    if (is_no_profile(result)) continue;
    nvml_.expect(result, "read the profiles of GPU instances");
    std::vector<void*> handles(std::max(kMostInstances, profile.fourth));
    unsigned count = 0;
    result = nvml_.call<void*, unsigned, void**, unsigned*>("nvmlDeviceGetGpuInstances", device_, profile.id,
                                                            handles.data(), &count);
    if (is_no_profile(result)) continue;
    nvml_.expect(result, "list the GPU instances");
    handles.resize(std::min<std::size_t>(count, handles.size()));
    for (void* handle : handles) {
      NvmlGpuInstance instance{handle, {}};
      nvml_.expect(nvml_.call<void*, NvmlGpuInstanceInfo*>("nvmlGpuInstanceGetInfo", handle, &instance.info),
                   "read a GPU instance");
      instances.push_back(instance);
    }
  }
  return instances;
}

std::vector<NvmlComputeInstance> NvmlMig::compute_instances(void* gpu_instance) const {
  std::vector<NvmlComputeInstance> instances;
  for (const NvmlProfileInfo& profile : compute_profiles(nvml_, gpu_instance)) {
    std::vector<void*> handles(std::max(kMostInstances, profile.third));
    unsigned count = 0;
    nvml_.expect(nvml_.call<void*, unsigned, void**, unsigned*>(
                     "nvmlGpuInstanceGetComputeInstances", gpu_instance, profile.id, handles.data(), &count),
                 "list the compute instances");
    handles.resize(std::min<std::size_t>(count, handles.size()));
    for (void* handle : handles) {
      NvmlComputeInstance instance{handle, {}};
      nvml_.expect(nvml_.call<void*, NvmlComputeInstanceInfo*>("nvmlComputeInstanceGetInfo_v2", handle,
                                                               &instance.info),
                   "read a compute instance");
      instances.push_back(instance);
    }
  }
  return instances;
}

void* NvmlMig::create(unsigned profile_id, const NvmlPlacement& placement) const {
  void* instance = nullptr;
  nvml_.expect(nvml_.call<void*, unsigned, const NvmlPlacement*, void**>(
                   "nvmlDeviceCreateGpuInstanceWithPlacement", device_, profile_id, &placement, &instance),
               "create the GPU instance");
  return instance;
}

/// By the first profile with so many slices. Early drivers choose the place themselves.
void NvmlMig::create_compute(void* gpu_instance, const NvmlPlacement& span) const {
  const std::vector<NvmlProfileInfo> profiles = compute_profiles(nvml_, gpu_instance);
  const auto profile = std::ranges::find(profiles, span.size, &NvmlProfileInfo::second);
  if (profile == profiles.end()) nvml_.expect(NvmlResult::NotFound, "find a profile of the compute instance");
  constexpr auto kAtPlace = "nvmlGpuInstanceCreateComputeInstanceWithPlacement";
  void* instance = nullptr;
  const NvmlResult result = nvml_.has(kAtPlace)
                                ? nvml_.call<void*, unsigned, const NvmlPlacement*, void**>(
                                      kAtPlace, gpu_instance, profile->id, &span, &instance)
                                : nvml_.call<void*, unsigned, void**>("nvmlGpuInstanceCreateComputeInstance",
                                                                      gpu_instance, profile->id, &instance);
  nvml_.expect(result, "create the compute instance");
}

void NvmlMig::destroy(void* gpu_instance) const {
  nvml_.expect(nvml_.call<void*>("nvmlGpuInstanceDestroy", gpu_instance), "destroy the GPU instance");
}

void NvmlMig::destroy_compute(void* compute_instance) const {
  nvml_.expect(nvml_.call<void*>("nvmlComputeInstanceDestroy", compute_instance),
               "destroy the compute instance");
}

void NvmlMig::for_each_device(const std::function<void(void*, unsigned, unsigned)>& visit) const {
  unsigned count = 0;
  nvml_.expect(nvml_.call<void*, unsigned*>("nvmlDeviceGetMaxMigDeviceCount", device_, &count),
               "count the MIG devices");
  for (unsigned index = 0; index < std::min(count, kMostInstances); ++index) {
    void* device = nullptr;
    const NvmlResult result =
        nvml_.call<void*, unsigned, void**>("nvmlDeviceGetMigDeviceHandleByIndex", device_, index, &device);
    if (result == NvmlResult::NotFound || is_no_profile(result)) continue;
    nvml_.expect(result, "find a MIG device");
    unsigned gpu_instance = 0, compute_instance = 0;
    nvml_.expect(nvml_.call<void*, unsigned*>("nvmlDeviceGetGpuInstanceId", device, &gpu_instance),
                 "read a MIG device");
    nvml_.expect(nvml_.call<void*, unsigned*>("nvmlDeviceGetComputeInstanceId", device, &compute_instance),
                 "read a MIG device");
    visit(device, gpu_instance, compute_instance);
  }
}

std::string NvmlMig::uuid_of(void* mig_device) const {
  std::array<char, 96> text = {};  // NVML_DEVICE_UUID_V2_BUFFER_SIZE
  nvml_.expect(nvml_.call<void*, char*, unsigned>("nvmlDeviceGetUUID", mig_device, text.data(),
                                                  static_cast<unsigned>(text.size() - 1)),
               "read the UUID of a MIG device");
  return text.data();
}

std::vector<int> NvmlMig::processes_of(void* mig_device) const {
  constexpr auto kProcesses = "nvmlDeviceGetComputeRunningProcesses_v3";
  std::vector<ProcessInfo> infos;
  unsigned count = 0;
  NvmlResult result = NvmlResult::InsufficientSize;
  // Processes may come between two calls.
  for (int tries = 0; tries < 4 && result == NvmlResult::InsufficientSize; ++tries) {
    infos.resize(count);
    result = nvml_.call<void*, unsigned*, ProcessInfo*>(kProcesses, mig_device, &count, infos.data());
  }
  nvml_.expect(result, "list the processes on a MIG device");
  std::vector<int> processes;
  for (std::size_t at = 0; at < std::min<std::size_t>(count, infos.size()); ++at)
    processes.push_back(static_cast<int>(infos[at].pid));
  std::ranges::sort(processes);
  return processes;
}

}  // namespace gpupass
