// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "guest/model/domain_xml.hpp"
#include "values/card.hpp"
#include "values/mediated.hpp"

namespace gpupass {

Request keep_gpus(Request request, const Host& host, const std::string& base) {
  if (!request.gpus.empty() || request.gpu_count) return request;
  const std::vector<std::string> named = request.devices;
  bool has_slices = std::ranges::any_of(named, [&](const std::string& name) {
    const auto device = DeviceId::parse(name);
    return device && goes_as_it_is(host, *device);
  });
  const bool names_slices = has_slices;
  std::string elsewhere;
  for (const DeviceId device : claimed_devices(base)) {
    const PciFunction* function = function_behind(host, device);
    const std::string name = device.to_string();
    if (std::ranges::find(named, name) != named.end()) continue;
    if (device.is_mediated() && !function) {
      elsewhere = name;
    } else if (goes_as_it_is(host, device)) {
      if (!names_slices) request.devices.push_back(name);
      has_slices = true;
    } else if (function && is_gpu(*function)) {
      request.gpus.push_back(name);
    }
  }
  if (request.gpus.empty() && !has_slices && !elsewhere.empty())
    throw Error(ErrorCode::Refused, request.name,
                fmt::format("cannot keep the GPUs of {}: saw no GPU but the mediated device {}, which this "
                            "host does not have",
                            request.name, elsewhere),
                "say which GPUs or slices the guest is to have, with --gpu, --gpus or --slice");
  return request;
}

}  // namespace gpupass
