// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/fake_hypervisor.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#include <thread>

#include "gpupass/error.hpp"
#include "guest/edit/recorded_identity.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

namespace {

std::string print(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default | pugi::format_no_declaration);
  return text.str();
}

/// The devices of the host that a lone device element claims.
std::vector<DeviceId> claims(const std::string& device_xml) {
  return claimed_devices("<domain><devices>" + device_xml + "</devices></domain>");
}

std::string with_device(const std::string& domain_xml, const std::string& device_xml) {
  pugi::xml_document document;
  document.load_string(domain_xml.c_str());
  pugi::xml_node devices = document.child("domain").child("devices");
  devices.append_buffer(device_xml.data(), device_xml.size());
  return print(document);
}

std::string without_device(const std::string& domain_xml, const std::string& device_xml) {
  pugi::xml_document document;
  document.load_string(domain_xml.c_str());
  pugi::xml_node devices = document.child("domain").child("devices");
  for (pugi::xml_node device = devices.first_child(); device;) {
    const pugi::xml_node next = device.next_sibling();
    std::ostringstream text;
    device.print(text);
    if (claims(text.str()) == claims(device_xml)) devices.remove_child(device);
    device = next;
  }
  return print(document);
}

bool has_device(const std::string& domain_xml, const std::string& device_xml) {
  return std::ranges::includes(claimed_devices(domain_xml), claims(device_xml));
}

Error complaint(const std::string& name, const std::string& message) {
  return Error(ErrorCode::System, name, fmt::format("cannot change domain {}: {}", name, message));
}

}  // namespace

void FakeHypervisor::add(const std::string& name) {
  pugi::xml_document document;
  document.append_child("domain").append_child("name").text() = name.c_str();
  document.child("domain").append_child("devices");
  domains_[name] = {name, false, true, false, {}, print(document)};
}

void FakeHypervisor::add_running(const std::string& name) {
  add(name);
  domains_[name].active = true;
  domains_[name].live_xml = domains_[name].persistent_xml;
}

void FakeHypervisor::add_transient(const std::string& name) {
  add_running(name);
  domains_[name].persistent = false;
  domains_[name].persistent_xml.clear();
}

void FakeHypervisor::expect_presence(const std::string& name) const {
  if (absent_ == 0) return;
  --absent_;
  throw Error(ErrorCode::Unavailable, name, "cannot reach the hypervisor");
}

void FakeHypervisor::change(std::string_view verb, const std::string& name,
                            const std::function<void()>& take_effect) {
  expect_presence(name);
  try {
    faults_.change(verb, name, take_effect);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::Unavailable) absent_ = away_;
    throw;
  }
}

Fact<std::vector<DomainXml>> FakeHypervisor::domains() const {
  std::vector<DomainXml> all;
  for (const auto& [name, domain] : domains_) all.push_back(domain);
  return all;
}

Fact<DomainXml> FakeHypervisor::domain(const std::string& name) const {
  expect_presence(name);
  if (broken_) return Unknown{"the connection is broken"};
  const auto found = domains_.find(name);
  if (found == domains_.end()) return Absent{};
  return found->second;
}

DomainXml& FakeHypervisor::existing(const std::string& name) {
  const auto found = domains_.find(name);
  if (found == domains_.end()) throw Error(ErrorCode::NotFound, name, "cannot find domain " + name);
  return found->second;
}

void FakeHypervisor::define(const std::string& name, const std::string& xml) {
  if (name != domain_name(xml)) ADD_FAILURE() << "defined under another name than " << name;
  change("define", name, [&] {
    DomainXml& domain = domains_[name];
    domain.name = name;
    domain.persistent = true;
    domain.persistent_xml = rewrites_ ? xml + "<!-- in other words -->" : xml;
  });
}

void FakeHypervisor::undefine(const std::string& name) {
  change("undefine", name, [&] {
    DomainXml& domain = existing(name);
    domain.persistent = false;
    domain.persistent_xml.clear();
    if (!domain.active) domains_.erase(name);
  });
}

void FakeHypervisor::set_metadata(const std::string& name, const std::string& xml_namespace,
                                  const std::string& xml) {
  change("write the metadata of", name, [&] {
    pugi::xml_document document;
    document.load_string(existing(name).persistent_xml.c_str());
    pugi::xml_node domain = document.child("domain");
    if (pugi::xml_node present = own_metadata(domain)) present.parent().remove_child(present);
    if (!xml.empty()) {
      if (!domain.child("metadata")) domain.prepend_child("metadata");
      const std::string named = fmt::format("<vm xmlns='{}'", xml_namespace) + xml.substr(3);
      domain.child("metadata").append_buffer(named.data(), named.size());
    } else if (!domain.child("metadata").first_child()) {
      domain.remove_child("metadata");
    }
    existing(name).persistent_xml = print(document);
  });
}

void FakeHypervisor::start(const std::string& name) {
  change("start", name, [&] {
    DomainXml& domain = existing(name);
    if (domain.active) throw complaint(name, "it is running already");
    for (const DeviceId device : claimed_devices(domain.persistent_xml))
      if (const auto function = device.function(); function && !usable_(*function))
        throw complaint(name, device.to_string() + " is not bound to vfio-pci");
    domain.active = true;
    domain.live_xml = domain.persistent_xml;
  });
}

void FakeHypervisor::destroy(const std::string& name) {
  change("destroy", name, [&] {
    if (!existing(name).active) throw complaint(name, "it is not running");
    stop(name);
  });
}

void FakeHypervisor::stop(const std::string& name) {
  DomainXml& domain = domains_.at(name);
  domain.active = domain.paused = false;
  domain.live_xml.clear();
  ejecting_.erase(name);
  refused_.erase(name);
  if (!domain.persistent) domains_.erase(name);
}

void FakeHypervisor::attach(const std::string& name, const std::string& device_xml, Scope scope) {
  change("attach to", name, [&] {
    DomainXml& domain = existing(name);
    if (scope == Scope::Live && !domain.active) throw complaint(name, "it is not running");
    if (scope == Scope::Config && !domain.persistent) throw complaint(name, "it is transient");
    std::string& xml = scope == Scope::Live ? domain.live_xml : domain.persistent_xml;
    if (has_device(xml, device_xml)) throw complaint(name, "it has the device already");
    if (scope == Scope::Live)
      for (const DeviceId device : claims(device_xml))
        if (const auto function = device.function(); function && !usable_(*function))
          throw complaint(name, device.to_string() + " is not bound to vfio-pci");
    xml = with_device(xml, device_xml);
  });
}

void FakeHypervisor::detach(const std::string& name, const std::string& device_xml, Scope scope) {
  change("detach from", name, [&] {
    DomainXml& domain = existing(name);
    std::string& xml = scope == Scope::Live ? domain.live_xml : domain.persistent_xml;
    if (!has_device(xml, device_xml)) throw complaint(name, "it has no such device");
    if (scope == Scope::Config) {
      xml = without_device(xml, device_xml);
      return;
    }
    ++requests_;
    FakeGuest& guest = guests_[name];
    refused_.erase(name);
    if (guest.deaf_to > 0) {
      --guest.deaf_to;
    } else if (guest.refuses) {
      refused_[name].push_back(hostdev_alias("<domain><devices>" + device_xml + "</devices></domain>",
                                             claims(device_xml).front()));
    } else {
      ejecting_[name].push_back(device_xml);
      if (guest.wakes_needed == 0) eject(name);
    }
  });
}

void FakeHypervisor::eject(const std::string& name) {
  if (guests_[name].dies) return stop(name);
  DomainXml& domain = domains_.at(name);
  for (const std::string& device_xml : ejecting_[name])
    domain.live_xml = without_device(domain.live_xml, device_xml);
  ejecting_.erase(name);
}

std::vector<std::string> FakeHypervisor::wait_for_change(const std::string& name,
                                                         std::chrono::milliseconds timeout) {
  expect_presence(name);
  std::this_thread::sleep_for(std::min(timeout, std::chrono::milliseconds(1)));
  FakeGuest& guest = guests_[name];
  if (guest.wakes_needed > 0 && --guest.wakes_needed > 0) return {};
  if (ejecting_.contains(name)) eject(name);
  const auto refused = refused_.extract(name);
  return refused ? refused.mapped() : std::vector<std::string>{};
}

}  // namespace gpupass
