// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/capture/recorded_system.hpp"

namespace gpupass {

void RecordedSystem::answer(AnyExchange& exchange) const {
  ReadOnlySystem::answer(exchange);
  if (auto* cpus = std::get_if<Exchange<CpuTopologyQuestion>>(&exchange))
    cpus->answer = recording_.cpu_topology.asked() ? recording_.cpu_topology : Absent{};
  // A hypervisor that the user names for this call stands in for the recorded one.
  if (auto* domains = std::get_if<Exchange<DomainsQuestion>>(&exchange); domains && domains->answer.absent())
    domains->answer = recording_.domains.asked() ? recording_.domains : std::vector<DomainXml>();
}

}  // namespace gpupass
