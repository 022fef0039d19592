// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

Request keep_gpus(Request request, const Host& host, const std::string& base) {
  if (!request.gpus.empty() || request.gpu_count) return request;
  std::string mediated;
  for (const DeviceId device : claimed_devices(base)) {
    const PciFunction* function = find_function(host, device);
    if (device.is_mediated())
      mediated = device.to_string();
    else if (function && function->class_code && is_gpu_class(*function->class_code))
      request.gpus.push_back(device.to_string());
  }
  if (request.gpus.empty() && !mediated.empty())
    throw Error(
        ErrorCode::Refused, request.name,
        fmt::format("cannot keep the GPUs of {}: saw no GPU but the mediated device {}, expected a PCI "
                    "function: gpupass cannot choose mediated devices yet",
                    request.name, mediated),
        "say which GPUs the guest is to have, or how many, with --gpu or --gpus");
  return request;
}

}  // namespace gpupass
