// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/guest.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

Request keep_gpus(Request request, const Host& host, const std::string& base) {
  if (!request.gpus.empty() || request.gpu_count) return request;
  for (const PciAddress address : hostdev_addresses(base)) {
    const PciFunction* function = find_function(host, address);
    if (function && function->class_code && is_gpu_class(*function->class_code))
      request.gpus.push_back(address.to_string());
  }
  return request;
}

}  // namespace gpupass
