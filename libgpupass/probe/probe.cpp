// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/probe.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "probe/cpu/cpus.hpp"
#include "probe/cpu/numa_nodes.hpp"
#include "probe/limits.hpp"
#include "probe/own/boot.hpp"
#include "probe/own/claims.hpp"
#include "probe/own/homes.hpp"
#include "probe/own/own_files.hpp"
#include "probe/own/wedged.hpp"
#include "probe/pci/boot_display.hpp"
#include "probe/pci/direct_links.hpp"
#include "probe/pci/functions.hpp"
#include "probe/pci/iommu.hpp"
#include "probe/pci/mediated_definitions.hpp"
#include "probe/platform.hpp"
#include "probe/tunables.hpp"
#include "probe/use/control_group.hpp"
#include "probe/use/device_uses.hpp"
#include "probe/use/domains.hpp"
#include "probe/use/holders.hpp"
#include "probe/use/keyboards.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// Only these have a node that a guest could hold: what is on vfio-pci, vGPUs and mediated devices. Without
/// any, no process need be looked at.
bool any_on_vfio(const System& system, const Host& host) {
  const auto has_node = [](const PciFunction& function) { return on_vfio(function) || function.vgpu_type; };
  if (std::ranges::any_of(host.functions, has_node)) return true;
  if (!system.list("/sys/bus/mdev/devices").value_or({}).empty()) return true;
  const auto names = system.list("/sys/bus/pci/drivers/vfio-pci");
  const auto is_address = [](const std::string& name) { return PciAddress::parse(name).has_value(); };
  return names && std::ranges::any_of(*names, is_address);
}

bool makes_mediated(const Host& host) {
  return std::ranges::any_of(host.functions, [](const PciFunction& function) {
    return function.slicing && !function.slicing->mediated_types.absent();
  });
}

/// Whether libvirt has a driver for the URI, or may have: the word is an alias of its configuration.
bool may_be_libvirts(std::string_view uri) {
  constexpr std::array<std::string_view, 15> kDrivers = {
      "qemu",   "test", "xen", "lxc", "ch",     "vz",           "bhyve",   "vbox",
      "openvz", "esx",  "gsx", "vpx", "hyperv", "vmwareplayer", "vmwarews"};
  if (uri.find("://") == uri.npos) return true;
  return std::ranges::find(kDrivers, uri.substr(0, uri.find_first_of("+:"))) != kDrivers.end();
}

Fact<std::string> own_session(const System& system) {
  std::string session = session_of(system, "self");
  return session.empty() ? Fact<std::string>(Absent{}) : std::move(session);
}

/// Guests of another machine hold devices of that machine, at the same addresses as ours.
Fact<std::vector<Domain>> domains_of_this_machine(const System& system, Limits& limits) {
  const std::string uri = system.hypervisor_uri();
  if (!system.live() || !is_remote_uri(uri)) return read_domains(system, limits);
  const std::string why = may_be_libvirts(uri)
                              ? uri + " may be another machine"
                              : "libvirt has no driver for " + uri + "; qemu:///system is the usual URI";
  limits.add("domains", why);
  return Unknown{why};
}

}  // namespace

Host probe(const System& system, const ProbeOptions& options) {
  Host host;
  Limits limits;
  host.wedged = read_wedged(system, limits);
  read_pci(system, options, limits, host);
  read_boot_display(system, host.functions);
  host.only_node = read_only_node(system);
  if (options.parts.iommu) host.iommu = read_iommu(system, limits);
  if (options.parts.health) host.platform = read_platform(system);
  if (options.parts.cpus || options.parts.health) read_cpu_facts(system, limits, host);
  if (options.parts.cpus || options.parts.health || options.parts.preparation)
    host.numa_nodes = read_numa_nodes(system, limits);
  if (options.parts.cpus) {
    host.cpus = read_topology(system, limits);
    host.direct_links = read_direct_links(system, limits, host);
  }
  if (options.parts.domains) host.domains = domains_of_this_machine(system, limits);
  if (options.parts.users) {
    read_holders(system, Mappings::Yes, limits, host);
    host.own_session = own_session(system);
  } else if (options.parts.holders && any_on_vfio(system, host)) {
    read_holders(system, Mappings::No, limits, host);
  } else if (options.parts.holders) {
    host.holders = std::vector<Holder>();
  }
  if (options.parts.uses) {
    host.uses = read_device_uses(system, host, limits);
    host.keyboards = read_keyboards(system);
  }
  if (options.parts.uses || options.parts.boot) {
    host.claims = read_claims(system);
    if (host.claims.unknown()) limits.add("what else gives devices to drivers", host.claims.why());
  }
  if (options.parts.slices) {
    Limits ignored;  // Where nothing makes mediated devices nobody misses what mdevctl keeps of them.
    host.mediated_definitions = read_mediated_definitions(system, makes_mediated(host) ? limits : ignored);
  }
  if (options.parts.boot) host.boot_images = read_boot_images(system, limits);
  if (options.parts.boot || options.parts.preparation) host.own_files = read_own_files(system);
  if (options.parts.tuning) {
    host.tunables = read_tunables(system, host);
    host.tuned = read_tuned(system, limits);
  }
  host.boot_bindings = read_boot_bindings(system, limits);
  host.homes = read_homes(system, limits);
  host.settings = read_settings(system, limits);
  host.quarantine = read_quarantine(system, limits);
  host.limits = limits.sorted();
  return host;
}

}  // namespace gpupass
