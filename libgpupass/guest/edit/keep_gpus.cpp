// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "gpupass/guest.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

namespace {

/// A mediated device, or a virtual function that carries a vGPU: they go to a guest as they are.
bool goes_as_it_is(DeviceId device, const PciFunction* function) {
  return device.is_mediated() || (function && function->vgpu_type.value_or(0) != 0);
}

bool is_gpu(const PciFunction* function) {
  return function && function->class_code && is_gpu_class(*function->class_code);
}

}  // namespace

Request keep_gpus(Request request, const Host& host, const std::string& base) {
  if (!request.gpus.empty() || request.gpu_count) return request;
  const std::vector<std::string> named = request.devices;
  const bool names_slices = std::ranges::any_of(named, [&](const std::string& name) {
    const auto device = DeviceId::parse(name);
    return device && goes_as_it_is(*device, find_function(host, *device));
  });
  for (const DeviceId device : claimed_devices(base)) {
    const PciFunction* function = find_function(host, device);
    if (std::ranges::find(named, device.to_string()) != named.end()) continue;
    if (goes_as_it_is(device, function)) {
      if (!names_slices) request.devices.push_back(device.to_string());
    } else if (is_gpu(function)) {
      request.gpus.push_back(device.to_string());
    }
  }
  return request;
}

}  // namespace gpupass
