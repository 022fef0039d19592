// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The part of the fake kernel that answers as NVIDIA's management library does of MIG.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "gpupass/error.hpp"
#include "support/fake_kernel.hpp"

namespace gpupass {

namespace {

Error nvml_error(const char* verb, const char* why) {
  return {ErrorCode::System, "NVML", fmt::format("cannot {}: {}", verb, why)};
}

bool overlap(unsigned start, unsigned size, unsigned other_start, unsigned other_size) {
  return start < other_start + other_size && other_start < start + size;
}

MigGpuInstance told(const std::string& address, unsigned start, const FakeMigInstance& instance,
                    bool computing) {
  std::vector<MigComputeInstance> compute;
  for (const MigSpan& span : instance.compute) {
    const auto id = static_cast<unsigned>(compute.size());
    compute.push_back({id, span.size - 1, span, fmt::format("MIG-{}-{}-{}", address, start, id),
                       computing ? std::vector<int>{4711} : std::vector<int>{}});
  }
  return {start + 1, instance.profile_id, start, instance.size, compute};
}

}  // namespace

Fact<Mig> FakeKernel::mig_of(const std::string& address) const {
  const auto device = devices_.find(address);
  if (device == devices_.end() || device->second.driver != "nvidia")
    return Unknown{"the driver does not have it"};
  if (!mig_.contains(address)) return Absent{};
  const FakeDevice& now = device->second;
  Mig mig{now.mig, now.mig, {}};
  for (const auto& [start, instance] : now.mig_instances)
    mig.instances.push_back(told(address, start, instance, computing_.contains(address)));
  return mig;
}

Fact<std::vector<MigOfGpu>> FakeKernel::reply(const MigQuestion& question) const {
  std::vector<MigOfGpu> gpus;
  for (const PciAddress device : question.devices) gpus.push_back({device, mig_of(device.to_string())});
  return gpus;
}

void FakeKernel::obey(const MigModeOrder& order) {
  const std::string name = order.device.to_string();
  require_lock(name);
  log_.push_back(fmt::format("MIG mode of {} = {}", name, order.on ? 1 : 0));
  faults_.change("mig-mode", name, [&] {
    FakeDevice& now = devices_.at(name);
    if (!mig_of(name)) throw nvml_error("set the MIG mode", "Not Supported");
    if (now.open || !now.mig_instances.empty())
      throw nvml_error("set the MIG mode", "In use by another client");
    now.mig = order.on;
  });
}

/// It refuses what overlaps, and leaves what is there already.
void FakeKernel::obey(const MigInstanceOrder& order) {
  const std::string name = order.device.to_string();
  require_lock(name);
  log_.push_back(fmt::format("MIG instance {}:{} of {} = {}", order.profile_id, order.start, name,
                             order.present ? 1 : 0));
  faults_.change("mig-instance", name, [&] {
    FakeDevice& now = devices_.at(name);
    if (!mig_of(name) || !now.mig) throw nvml_error("change the GPU instance", "Not Supported");
    const auto there = now.mig_instances.find(order.start);
    const bool same = there != now.mig_instances.end() && there->second.profile_id == order.profile_id;
    if (!order.present) {
      if (!same) return;
      if (computing_.contains(name)) throw nvml_error("destroy the GPU instance", "In use by another client");
      now.mig_instances.erase(there);
      return;
    }
    for (const auto& [start, instance] : now.mig_instances)
      if (!same && overlap(start, instance.size, order.start, order.size))
        throw nvml_error("create the GPU instance", "Insufficient Resources");
    FakeMigInstance& made = now.mig_instances[order.start];
    made.profile_id = order.profile_id;
    made.size = order.size;
    for (const MigSpan& span : order.compute)
      if (std::ranges::find(made.compute, span) == made.compute.end()) made.compute.push_back(span);
    std::ranges::sort(made.compute);
  });
}

}  // namespace gpupass
