// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/domain_facts.hpp"

#include <pugixml.hpp>

#include "gpupass/error.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/libvirt_values.hpp"

namespace gpupass {

namespace {

void add_pinned(DomainFacts& facts, pugi::xml_attribute cpuset) {
  if (const auto cpus = set_from(cpuset.value()))
    facts.pinned_cpus |= *cpus;
  else
    facts.unreadable_sets.emplace_back(cpuset.value());
}

void read_pins(DomainFacts& facts, pugi::xml_node domain) {
  unsigned pins = 0;
  for (const pugi::xml_node pin : domain.child("cputune").children("vcpupin")) {
    add_pinned(facts, pin.attribute("cpuset"));
    ++pins;
  }
  const pugi::xml_node vcpu = domain.child("vcpu");
  if (vcpu.attribute("cpuset") && pins < vcpu.text().as_uint(1)) add_pinned(facts, vcpu.attribute("cpuset"));
}

}  // namespace

DomainFacts facts_of(std::string_view domain_xml) {
  DomainFacts facts;
  if (domain_xml.empty()) return facts;
  pugi::xml_document document;
  try {
    parse_domain(domain_xml, document);
    facts.devices = claimed_devices(document.child("domain"));
  } catch (const Error& error) {
    facts.no_devices_why = error.what();
  }
  facts.uuid = document.child("domain").child_value("uuid");
  read_pins(facts, document.child("domain"));
  return facts;
}

const DomainFacts& take_facts(Domain& domain, const DomainFacts& live, const DomainFacts& persistent) {
  domain.live_devices = live.devices;
  domain.persistent_devices = persistent.devices;
  const DomainFacts& now = domain.live_xml.empty() ? persistent : live;
  domain.uuid = now.uuid;
  domain.pinned_cpus = now.pinned_cpus;
  return now;
}

}  // namespace gpupass
