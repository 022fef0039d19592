// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/domain.hpp"

namespace gpupass {

/// The facts that a snapshot of the host keeps of a definition, beside its text.
struct DomainFacts {
  std::string uuid;
  std::vector<DeviceId> devices;  ///< As claimed_devices() gives them.
  std::string no_devices_why;     ///< Why the devices could not be read; empty: they were.
  CpuSet pinned_cpus;  ///< Where the vCPUs may run: each at its own pin; those without one, where all may.
  std::vector<std::string> unreadable_sets;  ///< What stands in place of sets of CPUs in pins.
};

/// Empty text has no facts. What can be read of a broken definition is read.
DomainFacts facts_of(std::string_view domain_xml);

/// Gives a guest the facts of its two definitions. @returns those that count now: of a running guest the live
/// ones, for its next start may be different.
const DomainFacts& take_facts(Domain& domain, const DomainFacts& live, const DomainFacts& persistent);

}  // namespace gpupass
