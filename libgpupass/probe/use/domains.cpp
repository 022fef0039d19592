// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/domains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "guest/model/domain_facts.hpp"

namespace gpupass {

namespace {

DomainFacts read_definition(const std::string& xml, const std::string& name, Limits& limits) {
  DomainFacts facts = facts_of(xml);
  if (!facts.no_devices_why.empty()) limits.add("devices", "domain " + name, facts.no_devices_why);
  return facts;
}

Domain read_domain(const DomainXml& xml, Limits& limits) {
  Domain domain;
  domain.name = xml.name;
  domain.active = xml.active;
  domain.persistent = xml.persistent;
  domain.autostart = xml.autostart;
  domain.live_xml = xml.live_xml;
  domain.persistent_xml = xml.persistent_xml;
  const DomainFacts live = read_definition(xml.live_xml, xml.name, limits);
  const DomainFacts persistent = read_definition(xml.persistent_xml, xml.name, limits);
  for (const std::string& set : take_facts(domain, live, persistent).unreadable_sets)
    limits.add("pinned CPUs", "domain " + xml.name, fmt::format("saw {}, expected a CPU set", shown(set)));
  return domain;
}

}  // namespace

Fact<std::vector<Domain>> read_domains(const System& system, Limits& limits) {
  const auto described = system.ask(DomainsQuestion{});
  if (described.absent()) limits.add("domains", "there is no hypervisor to ask");
  if (described.unknown()) limits.add("domains", described.why());
  if (!described) return described.without_value<std::vector<Domain>>();
  std::vector<Domain> domains;
  for (const DomainXml& xml : *described) domains.push_back(read_domain(xml, limits));
  std::ranges::sort(domains, {}, &Domain::name);
  return domains;
}

}  // namespace gpupass
