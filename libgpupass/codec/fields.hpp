// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codec/fields/assessment.hpp"
#include "codec/fields/cpu.hpp"
#include "codec/fields/pci.hpp"
#include "codec/fields/placement.hpp"
#include "codec/fields/record.hpp"
#include "codec/fields/report.hpp"
#include "codec/fields/use.hpp"
#include "codec/fields/validate.hpp"
#include "gpupass/host.hpp"

/// The fields of each value and their keys, defined once for writing and reading. No field is called
/// "unknown" or "bytes": these keys mark a substitute for a value.
namespace gpupass {

void fields(auto& visit, Is<Host> auto& host) {
  visit("functions", host.functions);
  visit("groups", host.groups);
  visit("iommu", host.iommu);
  visit("platform", host.platform);
  visit("architecture", host.architecture);
  visit("cpu_vendor", host.cpu_vendor);
  visit("cpu_address_bits", host.cpu_address_bits);
  visit("cpus", host.cpus);
  visit("offline_cpus", host.offline_cpus);
  visit("isolated_cpus", host.isolated_cpus);
  visit("efficient_cpus", host.efficient_cpus);
  visit("only_node", host.only_node);
  visit("numa_nodes", host.numa_nodes);
  visit("direct_links", host.direct_links);
  visit("domains", host.domains);
  visit("holders", host.holders);
  visit("users", host.users);
  visit("own_session", host.own_session);
  visit("uses", host.uses);
  visit("keyboards", host.keyboards);
  visit("claims", host.claims);
  visit("homes", host.homes);
  visit("boot_bindings", host.boot_bindings);
  visit("boot_images", host.boot_images);
  visit("own_files", host.own_files);
  visit("settings", host.settings);
  visit("quarantine", host.quarantine);
  visit("tunables", host.tunables);
  visit("tuned", host.tuned);
  visit("wedged", host.wedged);
  visit("limits", host.limits, kAddedLater);
  visit("mediated_definitions", host.mediated_definitions);
}

}  // namespace gpupass
