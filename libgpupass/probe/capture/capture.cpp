// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/capture.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "codec/boot_file.hpp"
#include "codec/home_file.hpp"
#include "codec/own_records.hpp"
#include "gpupass/error.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/state.hpp"
#include "probe/capture/abridge.hpp"
#include "probe/capture/scrubber.hpp"
#include "probe/pci/mig.hpp"
#include "system/capture/format.hpp"
#include "system/capture/recording_system.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

DomainXml scrubbed(Scrubber& scrubber, DomainXml domain) {
  domain.name = scrubber.text(domain.name);
  domain.live_xml = scrubber.domain_xml(domain.live_xml);
  domain.persistent_xml = scrubber.domain_xml(domain.persistent_xml);
  return domain;
}

void scrub_serials(Scrubber& scrubber, auto& records) {
  for (auto& record : records)
    if (std::string& serial = record.identity.serial; !serial.empty())
      serial = scrubber.device_serial(serial);
}

void scrub_reasons(Scrubber& scrubber, std::vector<Quarantined>& quarantine) {
  scrub_serials(scrubber, quarantine);
  for (Quarantined& one : quarantine) one.reason = scrubber.text(one.reason);
}

/// A record of gpupass, as it was read, with pseudonyms. A damaged one is not kept, because it may reveal
/// anything.
std::string rewritten(const std::string& content, const auto& parse, const auto& scrub,
                      const auto& print) try {
  auto record = parse(content);
  scrub(record);
  return print(record);
} catch (const Error&) {
  return "damaged";
}

std::string boot_file(Scrubber& scrubber, const std::string& content) {
  return rewritten(
      content, parse_boot_file, [&](auto& bindings) { scrub_serials(scrubber, bindings); },
      [](const auto& bindings) {
        std::string text = to_boot_file(bindings);
        text.pop_back();  // As it was read.
        return text;
      });
}

std::string settings_file(Scrubber& scrubber, const std::string& content) {
  return rewritten(
      content, parse_settings_file, [&](Settings& settings) { scrub_serials(scrubber, settings.names); },
      [](const Settings& settings) { return to_settings_file(settings).value_or(""); });
}

/// UUIDs of mediated devices are in the text.
std::string slices_file(Scrubber& scrubber, const std::string& content) {
  return rewritten(
      content, [](const std::string& toml) { return parse_state(toml, std::string(kSlicesFile)); },
      [&](State& state) { scrub_serials(scrubber, state.gpus); },
      [&](const State& state) {
        std::string text = scrubber.text(to_toml(state));
        text.pop_back();  // As it was read.
        return text;
      });
}

std::string quarantine_file(Scrubber& scrubber, const std::string& content) {
  return rewritten(
      content, parse_quarantine_file, [&](auto& quarantine) { scrub_reasons(scrubber, quarantine); },
      [](const auto& quarantine) { return to_quarantine_file(quarantine).value_or(""); });
}

std::string scrubbed(Scrubber& scrubber, const std::string& folder, const std::string& name,
                     const std::string& text) {
  if (folder == kHomeFolder) return scrubber.home(text);
  if (folder + "/" + name == kBootFile) return boot_file(scrubber, text);
  if (folder + "/" + name == kSettingsFile) return settings_file(scrubber, text);
  if (folder + "/" + name == kSlicesFile) return slices_file(scrubber, text);
  if (folder + "/" + name == kQuarantineFile) return quarantine_file(scrubber, text);
  if (name == "config") return scrubber.config(text);
  if (name == "unique_id") return scrubber.identifier(text);
  return scrubber.text(text);
}

Directory scrubbed(Scrubber& scrubber, const std::string& folder, const Directory& directory) {
  Directory result{directory.listed, {}};
  for (const auto& [name, entry] : directory.entries) {
    const bool file = entry.kind == Entry::Kind::File;
    std::string text = file ? scrubbed(scrubber, folder, name, entry.text) : scrubber.text(entry.text);
    result.entries[scrubber.text(name)] = Entry{entry.kind, std::move(text)};
  }
  return result;
}

/// Folder by folder, so that only one of them is in memory twice.
Recording scrubbed(Scrubber& scrubber, Recording recording) {
  Recording result;
  result.cpu_topology = std::move(recording.cpu_topology);
  while (!recording.directories.empty()) {
    const auto folder = recording.directories.extract(recording.directories.begin());
    result.directories[scrubber.text(folder.key())] = scrubbed(scrubber, folder.key(), folder.mapped());
  }
  result.domains = std::move(recording.domains);
  if (result.domains) {
    for (DomainXml& domain : *result.domains) domain = scrubbed(scrubber, domain);
    std::ranges::sort(*result.domains, {}, &DomainXml::name);
  }
  return result;
}

/// Texts, and reasons: they may quote what was seen.
template <typename T>
void scrub_fact(Scrubber& scrubber, Fact<T>& fact) {
  if (fact.unknown()) fact = Unknown{scrubber.text(fact.why())};
  if constexpr (std::is_same_v<T, std::string>)
    if (fact) fact = scrubber.text(*fact);
}

void scrub_slicing(Scrubber& scrubber, Slicing& slicing) {
  scrub_fact(scrubber, slicing.drivers_autoprobe);
  scrub_fact(scrubber, slicing.sriov_admin);
  scrub_fact(scrubber, slicing.mediated_types);
  scrub_fact(scrubber, slicing.creatable_vgpus);
  if (!slicing.mediated_types) return;
  for (MediatedType& type : *slicing.mediated_types) {
    auto facts = std::tie(type.name, type.description, type.device_api, type.available, type.devices);
    std::apply([&scrubber](auto&... fact) { (scrub_fact(scrubber, fact), ...); }, facts);
    if (!type.devices) continue;
    for (std::string& uuid : *type.devices) uuid = scrubber.text(uuid);
    std::ranges::sort(*type.devices);
  }
}

void scrub_function(Scrubber& scrubber, PciFunction& function) {
  auto facts =
      std::tie(function.class_code, function.vendor, function.device, function.subsystem_vendor,
               function.subsystem_device, function.revision, function.driver, function.driver_override,
               function.vfio_driver, function.iommu_group, function.numa_node, function.parent,
               function.root_bus, function.link, function.bars, function.reset_methods, function.boot_vga,
               function.sriov, function.physical_function, function.virtual_functions, function.mdev_types,
               function.power_state, function.d3cold_allowed, function.memory_bytes, function.config);
  std::apply([&scrubber](auto&... fact) { (scrub_fact(scrubber, fact), ...); }, facts);
  if (function.config && function.config->serial)
    *function.config->serial = scrubber.device_serial(*function.config->serial);
  if (function.slicing) scrub_slicing(scrubber, *function.slicing);
  if (function.uuid)
    *function.uuid = scrubber.identifier(*function.uuid);
  else
    scrub_fact(scrubber, function.uuid);
}

/// A library answers this, and a capture has no library to ask.
void forget_persistence(PciFunction& function) {
  if (function.persistence.asked()) function.persistence = Absent{};
}

void scrub_node(Scrubber& scrubber, NumaNode& node) {
  scrub_fact(scrubber, node.cpus);
  scrub_fact(scrubber, node.memory_bytes);
  scrub_fact(scrubber, node.free_bytes);
  scrub_fact(scrubber, node.distances);
}

void scrub_domain(Scrubber& scrubber, Domain& domain) {
  domain.name = scrubber.text(domain.name);
  domain.uuid = scrubber.text(domain.uuid);
  domain.live_xml = scrubber.domain_xml(domain.live_xml);
  domain.persistent_xml = scrubber.domain_xml(domain.persistent_xml);
}

/// Disks, so that the capture tells whether one of them could be given away too.
std::vector<PciAddress> disk_controllers(const System& system) {
  std::vector<PciAddress> controllers;
  for (const std::string& name : system.list(kSysfsDevices).value_or({}))
    if (const auto address = PciAddress::parse(name))
      if (system.read(sysfs_path(*address, "class")).value_or("").starts_with("0x01"))
        controllers.push_back(*address);
  return controllers;
}

}  // namespace

Capture capture(const System& system) {
  RecordingSystem recorder(system);
  probe(recorder, {Parts::everything(), disk_controllers(recorder)});
  Scrubber scrubber;
  const Recording recording = scrubbed(scrubber, abridged(recorder.take()));
  return {print_capture(recording), scrubber.pseudonyms()};
}

Host scrub(const Host& host, const Pseudonyms& pseudonyms) {
  Scrubber scrubber(pseudonyms);
  Host result = host;
  for (PciFunction& function : result.functions) {
    scrub_function(scrubber, function);
    forget_persistence(function);
    forget_mig(function);
  }
  scrub_fact(scrubber, result.groups);
  if (result.groups)
    for (IommuGroup& group : *result.groups) scrub_fact(scrubber, group.type);
  scrub_fact(scrubber, result.offline_cpus);
  scrub_fact(scrubber, result.isolated_cpus);
  scrub_fact(scrubber, result.efficient_cpus);
  scrub_fact(scrubber, result.claims);
  scrub_fact(scrubber, result.homes);
  scrub_fact(scrubber, result.wedged);
  if (result.numa_nodes)
    for (NumaNode& node : *result.numa_nodes) scrub_node(scrubber, node);
  scrub_fact(scrubber, result.architecture);
  scrub_fact(scrubber, result.cpu_vendor);
  scrub_fact(scrubber, result.cpu_address_bits);
  scrub_fact(scrubber, result.direct_links);
  if (result.domains) {
    for (Domain& domain : *result.domains) scrub_domain(scrubber, domain);
    std::ranges::sort(*result.domains, {}, &Domain::name);
  }
  scrub_fact(scrubber, result.keyboards);
  scrub_fact(scrubber, result.boot_bindings);
  if (result.boot_bindings) scrub_serials(scrubber, *result.boot_bindings);
  scrub_fact(scrubber, result.settings);
  if (result.settings) scrub_serials(scrubber, result.settings->names);
  scrub_fact(scrubber, result.quarantine);
  if (result.quarantine) scrub_reasons(scrubber, *result.quarantine);
  if (result.own_files)
    for (OwnFile& file : *result.own_files)
      if (file.path == kSlicesFile && file.content) file.content = slices_file(scrubber, *file.content);
  scrub_fact(scrubber, result.boot_images);
  scrub_fact(scrubber, result.own_session);
  scrub_fact(scrubber, result.uses);
  if (result.uses) {
    for (DeviceUse& use : *result.uses) {
      use.what = scrubber.text(use.what);
      use.guest = scrubber.text(use.guest);
    }
    std::ranges::sort(*result.uses, {}, [](const DeviceUse& use) {
      return std::tie(use.address, use.what, use.kind, use.guest);
    });
  }
  if (result.homes)
    for (Home& home : *result.homes) {
      home.identity.serial = scrubber.identifier(home.identity.serial);
      home.identity.uuid = scrubber.identifier(home.identity.uuid);
    }
  if (result.holders)
    for (Holder& holder : *result.holders) holder.mediated = scrubber.text(holder.mediated);
  scrub_fact(scrubber, result.mediated_definitions);
  if (result.mediated_definitions) {
    for (MediatedDefinition& each : *result.mediated_definitions) each.uuid = scrubber.text(each.uuid);
    std::ranges::sort(*result.mediated_definitions, {},
                      [](const MediatedDefinition& each) { return std::tie(each.parent, each.uuid); });
  }
  for (Limit& limit : result.limits) limit = {scrubber.text(limit.what), scrubber.text(limit.why)};
  std::ranges::sort(result.limits, {}, [](const Limit& limit) { return std::tie(limit.what, limit.why); });
  return result;
}

}  // namespace gpupass
