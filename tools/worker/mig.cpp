// SPDX-License-Identifier: GPL-2.0-or-later
//
// NVIDIA's Multi-Instance GPU: what there is, and changes of it.
#include <algorithm>

#include "gpupass/error.hpp"
#include "nvml_mig.hpp"
#include "operations.hpp"

namespace gpupass {

namespace {

std::vector<MigComputeInstance> compute_of(const NvmlMig& nvml, void* gpu_instance) {
  const Unknown unnamed{"NVML has no device for it"};
  std::vector<MigComputeInstance> instances;
  for (const NvmlComputeInstance& each : nvml.compute_instances(gpu_instance)) {
    const auto& [start, size] = each.info.placement;
    instances.push_back({each.info.id, each.info.profile_id, {start, size}, unnamed, unnamed});
  }
  std::ranges::sort(instances, {}, &MigComputeInstance::span);
  return instances;
}

/// The devices of compute instances have UUIDs, and processes.
void add_devices(const NvmlMig& nvml, Mig& mig) {
  nvml.for_each_device([&](void* device, unsigned gpu_instance, unsigned compute_instance) {
    for (MigGpuInstance& instance : mig.instances) {
      if (instance.id != Fact<unsigned>(gpu_instance) || !instance.compute) continue;
      for (MigComputeInstance& each : *instance.compute) {
        if (each.id != compute_instance) continue;
        each.uuid = known_or_why([&] { return nvml.uuid_of(device); });
        each.processes = known_or_why([&] { return nvml.processes_of(device); });
      }
    }
  });
}

Fact<Mig> read_mig(const Nvml& library, PciAddress gpu) {
  const NvmlMig nvml(library, gpu);
  const auto mode = nvml.mode();
  if (!mode) return Absent{};
  Mig mig{mode->now, mode->pending, {}};
  if (!mig.enabled) return mig;
  for (const NvmlGpuInstance& each : nvml.instances())
    mig.instances.push_back({each.info.id, each.info.profile_id, each.info.placement.start,
                             each.info.placement.size,
                             known_or_why([&] { return compute_of(nvml, each.handle); })});
  std::ranges::sort(mig.instances, {}, &MigGpuInstance::start);
  try {
    add_devices(nvml, mig);
  } catch (const Error&) {  // Then they stay unknown.
  }
  return mig;
}

/// nullptr: there is no such instance.
void* find_instance(const NvmlMig& nvml, const MigInstanceOrder& order) {
  for (const NvmlGpuInstance& each : nvml.instances())
    if (each.info.profile_id == order.profile_id && each.info.placement.start == order.start)
      return each.handle;
  return nullptr;
}

void destroy_whole(const NvmlMig& nvml, void* instance) {
  for (const NvmlComputeInstance& each : nvml.compute_instances(instance)) nvml.destroy_compute(each.handle);
  nvml.destroy(instance);
}

void create_missing(const NvmlMig& nvml, void* instance, const std::vector<MigSpan>& wanted) {
  const std::vector<MigComputeInstance> there = compute_of(nvml, instance);
  for (const MigSpan& span : wanted)
    if (std::ranges::find(there, span, &MigComputeInstance::span) == there.end())
      nvml.create_compute(instance, {span.start, span.size});
}

void create_whole(const NvmlMig& nvml, const MigInstanceOrder& order) {
  void* instance = nvml.create(order.profile_id, {order.start, order.size});
  try {
    create_missing(nvml, instance, order.compute);
  } catch (const Error&) {
    destroy_whole(nvml, instance);
    throw;
  }
}

}  // namespace

Fact<std::vector<MigOfGpu>> answer(const MigQuestion& question) {
  const Nvml library;
  std::vector<MigOfGpu> gpus;
  for (const PciAddress device : question.devices) {
    try {
      gpus.push_back({device, read_mig(library, device)});
    } catch (const Error& error) {
      gpus.push_back({device, Unknown{error.what()}});
    }
  }
  return gpus;
}

void carry_out(const MigModeOrder& order) {
  const Nvml library;
  NvmlMig(library, order.device).set_mode(order.on);
}

void carry_out(const MigInstanceOrder& order) {
  const Nvml library;
  const NvmlMig nvml(library, order.device);
  void* instance = find_instance(nvml, order);
  if (!order.present) {
    if (instance) destroy_whole(nvml, instance);
  } else if (instance) {
    create_missing(nvml, instance, order.compute);
  } else {
    create_whole(nvml, order);
  }
}

}  // namespace gpupass
