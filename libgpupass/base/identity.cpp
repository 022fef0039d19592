// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <ranges>
#include <sstream>

#include "base/domain_xml.hpp"
#include "base/number.hpp"
#include "base/xml_names.hpp"

namespace gpupass {

namespace {

using Id = std::optional<std::uint16_t>;

Id known(const Fact<std::uint16_t>& fact) {
  return fact ? Id(*fact) : std::nullopt;
}

/// Some firmware leaves the number out, and the capability in.
std::string known(const Fact<std::string>& fact) {
  return fact && fact->find_first_not_of('0') != fact->npos ? *fact : std::string();
}

/// What fits into an attribute without escapes. Devices and drivers say whatever they like of themselves.
bool is_plain(std::string_view text) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/";
  return !text.empty() && text.size() <= kLongestIdentityText &&
         text.find_first_not_of(kAllowed) == text.npos;
}

bool differ(const Id& one, const Id& other) {
  return one && other && one != other;
}
bool differ(const std::string& one, const std::string& other) {
  return !one.empty() && !other.empty() && one != other;
}
bool agree(const std::string& one, const std::string& other) {
  return !one.empty() && one == other;
}

std::string print(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

/// Without its prefix and its content, and without what belongs to other namespaces.
pugi::xml_node add_bare(pugi::xml_node parent, pugi::xml_node element) {
  pugi::xml_node copy = parent.append_child(std::string(local_name(element)).c_str());
  for (const pugi::xml_attribute attribute : element.attributes())
    if (const std::string_view key = attribute.name(); key != "xmlns" && key.find(':') == key.npos)
      copy.append_copy(attribute);
  return copy;
}

bool is_own(pugi::xml_node node) {
  return node.type() == pugi::node_element && namespace_of(node) == kMetadataNamespace;
}

constexpr std::pair<const char*, Id Identity::*> kIds[] = {{"vendor", &Identity::vendor},
                                                           {"device", &Identity::device},
                                                           {"subsystem-vendor", &Identity::subsystem_vendor},
                                                           {"subsystem-device", &Identity::subsystem_device}};
constexpr std::pair<const char*, std::string Identity::*> kTexts[] = {
    {"serial", &Identity::serial}, {"uuid", &Identity::uuid}, {"path", &Identity::path}};

}  // namespace

Identity identity_of(const Host& host, const PciFunction& function) {
  const Identity now{known(function.vendor),
                     known(function.device),
                     known(function.subsystem_vendor),
                     known(function.subsystem_device),
                     function.config ? known(function.config->serial) : std::string(),
                     known(function.uuid),
                     slot_path(host, function)};
  const Home* home = find_home(host, function.address);
  return home ? completed(now, identity_of(*home)) : now;
}

Identity identity_of(const Home& home) {
  const auto some = [](std::uint16_t id) { return id == 0 ? std::nullopt : Id(id); };
  return {home.vendor, home.device, some(home.subsystem_vendor), some(home.subsystem_device), home.serial,
          home.uuid,   home.path};
}

std::string text_of(const Identity& identity) {
  const auto digits = [](const Id& id) { return id ? fmt::format("{:04x}", *id) : std::string("????"); };
  std::string text = digits(identity.vendor) + ":" + digits(identity.device);
  if (identity.subsystem_vendor || identity.subsystem_device)
    text += fmt::format(" of {}:{}", digits(identity.subsystem_vendor), digits(identity.subsystem_device));
  if (!identity.serial.empty()) text += ", serial number " + identity.serial;
  if (!identity.uuid.empty()) text += ", " + identity.uuid;
  return text;
}

std::string slot_path(const Host& host, const PciFunction& function) {
  if (!function.root_bus) return {};
  const std::vector<const PciFunction*> bridges = path_to_root(host, function);
  const PciFunction& top = bridges.empty() ? function : *bridges.back();
  if (!top.parent.absent()) return {};
  std::string path = *function.root_bus;
  const auto add = [&path](const PciAddress& at) {
    path += fmt::format("/{:02x}.{:x}", at.device, at.function);
  };
  for (const PciFunction* bridge : bridges | std::views::reverse) add(bridge->address);
  add(function.address);
  return path.size() <= kLongestIdentityText ? path : std::string();
}

Likeness likeness(const Identity& one, const Identity& other) {
  for (const auto& [name, id] : kIds)
    if (differ(one.*id, other.*id)) return Likeness::Other;
  if (differ(one.serial, other.serial) || differ(one.uuid, other.uuid)) return Likeness::Other;
  return agree(one.serial, other.serial) || agree(one.uuid, other.uuid) ? Likeness::Same : Likeness::Alike;
}

Identity completed(Identity now, const Identity& earlier) {
  const Likeness like = likeness(now, earlier);
  if (like == Likeness::Other || (like == Likeness::Alike && differ(now.path, earlier.path))) return now;
  for (const auto& [name, text] : kTexts)
    if ((now.*text).empty()) now.*text = earlier.*text;
  return now;
}

void write_identity(pugi::xml_node element, const Identity& identity) {
  for (const auto& [name, id] : kIds)
    if (identity.*id) element.append_attribute(name) = fmt::format("{:04x}", *(identity.*id)).c_str();
  for (const auto& [name, text] : kTexts)
    if (is_plain(identity.*text)) element.append_attribute(name) = (identity.*text).c_str();
}

Identity read_identity(pugi::xml_node element) {
  Identity identity;
  for (const auto& [name, id] : kIds)
    identity.*id = parse_number<std::uint16_t>(element.attribute(name).value(), 16);
  for (const auto& [name, text] : kTexts)
    if (const std::string_view value = element.attribute(name).value(); is_plain(value))
      identity.*text = value;
  return identity;
}

pugi::xml_node own_metadata(pugi::xml_node domain) {
  return domain.child("metadata").find_child(is_own);
}

std::string own_metadata_text(std::string_view domain_xml) {
  if (domain_xml.empty()) return {};
  const pugi::xml_document document = parse_domain(domain_xml);
  const pugi::xml_node vm = own_metadata(document.child("domain"));
  if (!vm) return {};
  pugi::xml_document bare;
  const pugi::xml_node copy = add_bare(bare, vm);
  for (const pugi::xml_node child : vm.children())
    if (is_own(child)) add_bare(copy, child);
  return print(bare);
}

std::map<PciAddress, Identity> recorded_identities(std::string_view domain_xml) {
  std::map<PciAddress, Identity> recorded;
  if (domain_xml.empty()) return recorded;
  const pugi::xml_document document = parse_domain(domain_xml);
  for (const pugi::xml_node element : own_metadata(document.child("domain")).children())
    if (const auto address = PciAddress::parse(element.attribute("address").value()))
      recorded.emplace(*address, read_identity(element));
  return recorded;
}

std::string with_identities(const std::string& metadata, const std::map<PciAddress, Identity>& recorded,
                            const std::vector<PciAddress>& forgotten) {
  pugi::xml_document document;
  document.load_buffer(metadata.data(), metadata.size());
  pugi::xml_node vm = document.document_element();
  if (!vm) vm = document.append_child("vm");
  for (pugi::xml_node element = vm.first_child(); element;) {
    const pugi::xml_node next = element.next_sibling();
    const auto address = PciAddress::parse(element.attribute("address").value());
    if (address && (recorded.contains(*address) || std::ranges::find(forgotten, *address) != forgotten.end()))
      vm.remove_child(element);
    element = next;
  }
  for (const auto& [address, identity] : recorded) {
    pugi::xml_node element = vm.append_child("gpu");
    element.append_attribute("address") = address.to_string().c_str();
    write_identity(element, identity);
  }
  return vm.first_child() ? print(document) : std::string();
}

}  // namespace gpupass
