// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/capture/recorded_system.hpp"

namespace gpupass {

Fact<std::vector<DomainXml>> RecordedSystem::domains() const {
  // A hypervisor that the user names for this call stands in for the recorded one.
  auto named = hypervisor_domains();
  return named.absent() ? recording_.domains : named;
}

}  // namespace gpupass
