// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/guests_of.hpp"

#include <algorithm>

namespace gpupass {

GuestsOf guests_of(const Host& host, DeviceId device) {
  GuestsOf guests;
  if (!host.domains) return guests;
  const auto has = [&](const std::vector<DeviceId>& devices) {
    return std::ranges::find(devices, device) != devices.end();
  };
  for (const Domain& domain : *host.domains) {
    if (domain.active && has(domain.live_devices)) guests.running = domain.name;
    if (has(domain.persistent_devices)) guests.wanted_by.push_back(domain.name);
  }
  return guests;
}

}  // namespace gpupass
