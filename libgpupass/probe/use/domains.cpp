// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/domains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <string>

#include "gpupass/error.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/libvirt_values.hpp"

namespace gpupass {

namespace {

/// Where the vCPUs may run: each at its own pin; those without one, where all may.
CpuSet pinned_cpus(pugi::xml_node domain, const std::string& name, Limits& limits) {
  CpuSet pinned;
  const auto add = [&](const pugi::xml_attribute& cpuset) {
    if (const auto cpus = set_from(cpuset.value()))
      pinned |= *cpus;
    else
      limits.add("pinned CPUs", "domain " + name,
                 fmt::format("saw {}, expected a CPU set", shown(cpuset.value())));
  };
  unsigned pins = 0;
  for (const pugi::xml_node pin : domain.child("cputune").children("vcpupin")) {
    add(pin.attribute("cpuset"));
    ++pins;
  }
  const pugi::xml_node vcpu = domain.child("vcpu");
  if (vcpu.attribute("cpuset") && pins < vcpu.text().as_uint(1)) add(vcpu.attribute("cpuset"));
  return pinned;
}

std::vector<PciAddress> devices_in(const std::string& xml, const std::string& name, Limits& limits) try {
  return hostdev_addresses(xml);
} catch (const Error& error) {
  limits.add("devices", "domain " + name, error.what());
  return {};
}

Domain read_domain(const DomainXml& xml, Limits& limits) {
  Domain domain;
  domain.name = xml.name;
  domain.active = xml.active;
  domain.persistent = xml.persistent;
  domain.autostart = xml.autostart;
  domain.live_xml = xml.live_xml;
  domain.persistent_xml = xml.persistent_xml;
  domain.live_devices = devices_in(xml.live_xml, xml.name, limits);
  domain.persistent_devices = devices_in(xml.persistent_xml, xml.name, limits);
  // What a running guest is pinned to now; its next start may be different.
  const std::string& now = xml.live_xml.empty() ? xml.persistent_xml : xml.live_xml;
  pugi::xml_document document;
  document.load_buffer(now.data(), now.size());
  const pugi::xml_node root = document.child("domain");
  domain.uuid = root.child_value("uuid");
  domain.pinned_cpus = pinned_cpus(root, xml.name, limits);
  return domain;
}

}  // namespace

Fact<std::vector<Domain>> read_domains(const System& system, Limits& limits) {
  const auto described = system.domains();
  if (described.absent()) limits.add("domains", "there is no hypervisor to ask");
  if (described.unknown()) limits.add("domains", described.why());
  if (!described) return described.without_value<std::vector<Domain>>();
  std::vector<Domain> domains;
  for (const DomainXml& xml : *described) domains.push_back(read_domain(xml, limits));
  std::ranges::sort(domains, {}, &Domain::name);
  return domains;
}

}  // namespace gpupass
