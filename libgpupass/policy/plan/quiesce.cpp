// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/quiesce.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace gpupass {

bool may_be_stopped(std::string_view unit) {
  constexpr std::array<std::string_view, 8> kUnits = {
      "amd-metrics-exporter.service", "dcgm-exporter.service",        "dcgm.service",
      "gpu-exporter.service",         "nvidia-dcgm-exporter.service", "nvidia-dcgm.service",
      "nvidia-persistenced.service",  "nvidia-powerd.service"};
  return std::ranges::find(kUnits, unit) != kUnits.end();
}

std::vector<std::string> services_to_stop(const Host& host, const std::vector<PciAddress>& functions,
                                          const std::vector<std::string>& named) {
  std::set<std::string> units;
  if (host.users)
    for (const DeviceUser& user : *host.users)
      if (std::ranges::binary_search(functions, user.device) &&
          (may_be_stopped(user.service) || std::ranges::find(named, user.service) != named.end()))
        units.insert(user.service);
  return {units.begin(), units.end()};
}

}  // namespace gpupass
