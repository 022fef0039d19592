// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <set>

#include "guest/check/domain_check.hpp"
#include "guest/check/identities.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

void check_devices(DomainCheck& check) {
  if (check.host().functions.empty()) return;  // Nobody looked.
  auto doubts = identity_doubts(check.host(), check.name(), check.domain());
  std::set<PciAddress> claimed, told;
  for (const pugi::xml_node device : check.devices().children()) {
    const auto address = claimed_address(device);
    if (!address) continue;
    const std::string name = address->to_string();
    if (!claimed.insert(*address).second) {
      if (told.insert(*address).second)
        check.add("domain.device-twice", Verdict::Fail, name,
                  fmt::format("{} is given to {} twice", name, check.name()),
                  "remove one of the two elements");
    } else if (const auto doubt = doubts.find(*address); doubt != doubts.end()) {
      check.add(std::move(doubt->second.finding));
    } else if (!find_function(check.host(), *address)) {
      check.add("domain.device-missing", Verdict::Fail, name,
                fmt::format("this host has no function {}", name),
                "remove it from the definition, or name the device where it is now");
    }
  }
}

}  // namespace gpupass
