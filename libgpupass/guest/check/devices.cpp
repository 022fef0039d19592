// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "guest/check/domain_check.hpp"
#include "guest/check/identities.hpp"
#include "guest/model/domain_xml.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// It may be made just before the guest starts.
void check_mediated(DomainCheck& check, DeviceId device) {
  const auto is_it = [&](const DeviceUse& use) {
    return use.kind == DeviceUse::Kind::Mdev && DeviceId::parse(use.what) == device;
  };
  if (!check.host().uses || std::ranges::any_of(*check.host().uses, is_it)) return;
  const std::string name = device.to_string();
  check.add("domain.device-missing", Verdict::Warn, name,
            fmt::format("this host has no mediated device {} now", name),
            fmt::format("make it before {} starts: mdevctl start -u {}", check.name(), name));
}

void check_function(DomainCheck& check, PciAddress address) {
  const std::string name = address.to_string();
  const PciFunction* function = find_function(check.host(), address);
  if (!function)
    check.add("domain.device-missing", Verdict::Fail, name, fmt::format("this host has no function {}", name),
              "remove it from the definition, or name the device where it is now");
  else if (is_bridge(*function))
    check.add("gpu.bridge", Verdict::Fail, name,
              fmt::format("{} is a bridge, and libvirt gives no bridge to a guest", name),
              "remove it from the definition: devices below the bridge are named by themselves");
}

}  // namespace

void check_devices(DomainCheck& check) {
  if (check.host().functions.empty()) return;  // Nobody looked.
  auto doubts = identity_doubts(check.host(), check.name(), check.domain());
  std::set<DeviceId> claimed, told;
  for (const DeviceId device : all_claims(check.domain())) {
    const std::string name = device.to_string();
    const auto function = device.function();
    if (!claimed.insert(device).second) {
      if (told.insert(device).second)
        check.add("domain.device-twice", Verdict::Fail, name,
                  fmt::format("{} is given to {} twice", name, check.name()), "remove one of the two");
    } else if (!function) {
      check_mediated(check, device);
    } else if (const auto doubt = doubts.find(*function); doubt != doubts.end()) {
      check.add(std::move(doubt->second.finding));
    } else {
      check_function(check, *function);
    }
  }
}

}  // namespace gpupass
