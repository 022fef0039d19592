// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/probe.hpp"

#include "probe/cpu/cpus.hpp"
#include "probe/cpu/numa_nodes.hpp"
#include "probe/limits.hpp"
#include "probe/own/boot.hpp"
#include "probe/own/claims.hpp"
#include "probe/own/homes.hpp"
#include "probe/own/wedged.hpp"
#include "probe/pci/direct_links.hpp"
#include "probe/pci/functions.hpp"
#include "probe/pci/iommu.hpp"
#include "probe/use/device_uses.hpp"
#include "probe/use/domains.hpp"
#include "probe/use/holders.hpp"
#include "probe/use/keyboards.hpp"

namespace gpupass {

Parts Parts::everything() {
  Parts parts;
  parts.all_functions = true;
  parts.links = true;
  parts.details = true;
  parts.config = true;
  parts.overrides = true;
  parts.groups = true;
  parts.iommu = true;
  parts.cpus = true;
  parts.domains = true;
  parts.holders = true;
  parts.users = true;
  parts.uses = true;
  parts.boot = true;
  return parts;
}

Host probe(const System& system, const ProbeOptions& options) {
  Host host;
  Limits limits;
  host.wedged = read_wedged(system);
  read_pci(system, options, limits, host);
  if (options.parts.iommu) host.iommu = read_iommu(system, limits);
  if (options.parts.cpus) {
    read_cpus(system, limits, host);
    host.numa_nodes = read_numa_nodes(system, limits);
    host.direct_links = read_direct_links(system, limits, host);
  }
  if (options.parts.domains) host.domains = read_domains(system, limits);
  if (options.parts.holders || options.parts.users)
    read_holders(system, options.parts.users ? Mappings::Yes : Mappings::No, limits, host);
  if (options.parts.uses) {
    host.uses = read_device_uses(system, limits);
    host.keyboards = read_keyboards(system);
    host.claims = read_claims(system);
  }
  if (options.parts.boot) host.boot_images = read_boot_images(system, limits);
  host.boot_bindings = read_boot_bindings(system, limits);
  host.homes = read_homes(system, limits);
  host.limits = limits.sorted();
  return host;
}

}  // namespace gpupass
