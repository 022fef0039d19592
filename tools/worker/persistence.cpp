// SPDX-License-Identifier: GPL-2.0-or-later
//
// NVIDIA's persistence mode.
#include "nvml.hpp"
#include "operations.hpp"

namespace gpupass {

namespace {

bool persistence(const Nvml& nvml, PciAddress address) {
  int mode = 0;
  nvml.expect(nvml.call<void*, int*>("nvmlDeviceGetPersistenceMode", nvml.device(address), &mode),
              "read the persistence mode");
  return mode != 0;
}

}  // namespace

Fact<std::vector<PersistenceMode>> answer(const PersistenceQuestion& question) {
  const Nvml nvml;
  std::vector<PersistenceMode> modes;
  for (const PciAddress device : question.devices)
    modes.push_back({device, known_or_why([&] { return persistence(nvml, device); })});
  return modes;
}

void carry_out(const PersistenceOrder& order) {
  const Nvml nvml;
  nvml.expect(
      nvml.call<void*, int>("nvmlDeviceSetPersistenceMode", nvml.device(order.device), order.on ? 1 : 0),
      "set the persistence mode");
}

}  // namespace gpupass
