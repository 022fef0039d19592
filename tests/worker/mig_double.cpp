// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The part of the stand-in for NVIDIA's management library that has MIG: the functions of nvml.h over a
// MigStandIn, which is in the file $NVML_DOUBLE.mig from call to call. Without that file the GPU can have no
// MIG. Each change takes $NVML_DOUBLE_DELAY milliseconds. Handles are numbers.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include "support/mig_stand_in.hpp"

namespace {

using gpupass::MigStandIn;
using Result = MigStandIn::Result;

constexpr std::uintptr_t kInstances = 0x1000, kComputes = 0x2000, kDevices = 0x4000, kMostParts = 16;

std::string path() {
  return std::string(getenv("NVML_DOUBLE")) + ".mig";
}

std::optional<MigStandIn> load() {
  std::ifstream file(path());
  if (!file) return std::nullopt;
  return MigStandIn::read(file);
}

void* handle(std::uintptr_t kind, unsigned instance, unsigned part = 0) {
  return reinterpret_cast<void*>(kind + instance * kMostParts + part);
}
unsigned instance_of(void* handle, std::uintptr_t kind) {
  return static_cast<unsigned>((reinterpret_cast<std::uintptr_t>(handle) - kind) / kMostParts);
}
unsigned part_of(void* handle, std::uintptr_t kind) {
  return static_cast<unsigned>((reinterpret_cast<std::uintptr_t>(handle) - kind) % kMostParts);
}

/// Lets `change(stand_in)` happen, and keeps it.
template <typename Change>
int with_driver(const Change& change) {
  std::optional<MigStandIn> driver = load();
  if (!driver) return static_cast<int>(Result::NotSupported);
  if (const char* delay = getenv("NVML_DOUBLE_DELAY"))
    std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(delay)));
  const Result result = change(*driver);
  std::ofstream file(path());
  driver->print(file);
  return static_cast<int>(result);
}

struct Placement {
  unsigned start, size;
};
struct GpuProfile {
  unsigned id, p2p, slices, instances, others[6];
  unsigned long long memory;
};
struct ComputeProfile {
  unsigned id, slices, instances, others[6];
};
struct GpuInfo {
  void* device;
  unsigned id, profile;
  Placement placement;
};
struct ComputeInfo {
  void *device, *instance;
  unsigned id, profile;
  Placement placement;
};
struct Process {
  unsigned pid;
  unsigned long long memory;
  unsigned instance, compute;
};

/// By the numbers of NVML_COMPUTE_INSTANCE_PROFILE_..., which are the ids too.
constexpr unsigned kSlices[] = {1, 2, 3, 4, 7, 8, 6};

}  // namespace

extern "C" {

int nvmlDeviceGetMigMode(void*, unsigned* now, unsigned* pending) {
  const auto driver = load();
  if (!driver) return static_cast<int>(Result::NotSupported);
  *now = driver->enabled();
  *pending = driver->pending();
  return 0;
}

int nvmlDeviceSetMigMode(void*, unsigned mode, int* activation) {
  return with_driver([&](MigStandIn& driver) {
    const Result result = driver.set_mode(mode != 0);
    *activation = static_cast<int>(result);
    return result == Result::Unknown ? result : Result::Success;
  });
}

int nvmlDeviceGetGpuInstanceProfileInfo(void*, unsigned number, GpuProfile* info) {
  const auto driver = load();
  if (driver)
    for (const MigStandIn::Profile& profile : driver->profiles())
      if (profile.number == number) {
        *info = {profile.id, 0, profile.slices, profile.most, {}, 0};
        return 0;
      }
  return static_cast<int>(number < 18 ? Result::NotSupported : Result::InvalidArgument);
}

int nvmlDeviceGetGpuInstances(void*, unsigned profile, void** instances, unsigned* count) {
  const auto driver = load();
  *count = 0;
  for (const MigStandIn::Instance& each : driver->instances())
    if (each.profile_id == profile) instances[(*count)++] = handle(kInstances, each.id);
  return 0;
}

int nvmlGpuInstanceGetInfo(void* instance, GpuInfo* info) {
  const auto driver = load();
  const MigStandIn::Instance* found = driver->find(instance_of(instance, kInstances));
  if (!found) return static_cast<int>(Result::NotFound);
  *info = {nullptr, found->id, found->profile_id, {found->start, found->size}};
  return 0;
}

int nvmlDeviceCreateGpuInstanceWithPlacement(void*, unsigned profile, const Placement* placement,
                                             void** instance) {
  return with_driver([&](MigStandIn& driver) {
    unsigned id = 0;
    const Result result = driver.create(profile, placement->start, placement->size, id);
    *instance = handle(kInstances, id);
    return result;
  });
}

int nvmlGpuInstanceDestroy(void* instance) {
  return with_driver([&](MigStandIn& driver) { return driver.destroy(instance_of(instance, kInstances)); });
}

int nvmlGpuInstanceGetComputeInstanceProfileInfo(void* instance, unsigned number, unsigned,
                                                 ComputeProfile* info) {
  const auto driver = load();
  const MigStandIn::Instance* found = driver->find(instance_of(instance, kInstances));
  if (!found) return static_cast<int>(Result::NotFound);
  if (number >= std::size(kSlices)) return static_cast<int>(Result::InvalidArgument);
  const unsigned slices = driver->find_profile(found->profile_id)->slices;
  if (kSlices[number] > slices) return static_cast<int>(Result::NotSupported);
  *info = {number, kSlices[number], slices / kSlices[number], {}};
  return 0;
}

int nvmlGpuInstanceGetComputeInstances(void* instance, unsigned profile, void** computes, unsigned* count) {
  const auto driver = load();
  const MigStandIn::Instance* found = driver->find(instance_of(instance, kInstances));
  if (!found) return static_cast<int>(Result::NotFound);
  *count = 0;
  for (const MigStandIn::Compute& each : found->compute)
    if (each.size == kSlices[profile]) computes[(*count)++] = handle(kComputes, found->id, each.id);
  return 0;
}

int nvmlComputeInstanceGetInfo_v2(void* compute, ComputeInfo* info) {
  const auto driver = load();
  const MigStandIn::Instance* found = driver->find(instance_of(compute, kComputes));
  if (!found) return static_cast<int>(Result::NotFound);
  for (const MigStandIn::Compute& each : found->compute)
    if (each.id == part_of(compute, kComputes)) {
      const auto* number = std::find(std::begin(kSlices), std::end(kSlices), each.size);
      *info = {nullptr,
               handle(kInstances, found->id),
               each.id,
               static_cast<unsigned>(number - std::begin(kSlices)),
               {each.start, each.size}};
      return 0;
    }
  return static_cast<int>(Result::NotFound);
}

int nvmlGpuInstanceCreateComputeInstanceWithPlacement(void* instance, unsigned profile,
                                                      const Placement* placement, void** compute) {
  return with_driver([&](MigStandIn& driver) {
    unsigned id = 0;
    const unsigned parent = instance_of(instance, kInstances);
    if (profile >= std::size(kSlices) || kSlices[profile] != placement->size) return Result::InvalidArgument;
    const Result result = driver.create_compute(parent, placement->start, placement->size, id);
    *compute = handle(kComputes, parent, id);
    return result;
  });
}

int nvmlComputeInstanceDestroy(void* compute) {
  return with_driver([&](MigStandIn& driver) {
    return driver.destroy_compute(instance_of(compute, kComputes), part_of(compute, kComputes));
  });
}

int nvmlDeviceGetMaxMigDeviceCount(void*, unsigned* count) {
  *count = 7;
  return 0;
}

/// In the order in which they are, with gaps behind them.
int nvmlDeviceGetMigDeviceHandleByIndex(void*, unsigned index, void** device) {
  const auto driver = load();
  unsigned next = 0;
  for (const MigStandIn::Instance& instance : driver->instances())
    for (const MigStandIn::Compute& compute : instance.compute)
      if (next++ == index) {
        *device = handle(kDevices, instance.id, compute.id);
        return 0;
      }
  return static_cast<int>(Result::NotFound);
}

int nvmlDeviceGetGpuInstanceId(void* device, unsigned* id) {
  *id = instance_of(device, kDevices);
  return 0;
}

int nvmlDeviceGetComputeInstanceId(void* device, unsigned* id) {
  *id = part_of(device, kDevices);
  return 0;
}

int nvmlDeviceGetUUID(void* device, char* uuid, unsigned length) {
  std::snprintf(uuid, length, "MIG-00000000-0000-0000-0000-%06u%06u", instance_of(device, kDevices),
                part_of(device, kDevices));
  return 0;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* count, Process* processes) {
  const bool fits = *count >= 1, busy = load()->busy();
  *count = busy ? 1 : 0;
  if (!busy) return 0;
  if (!fits) return 7;  // NVML_ERROR_INSUFFICIENT_SIZE
  processes[0] = {4711, 0, 0, 0};
  return 0;
}

}  // extern "C"
