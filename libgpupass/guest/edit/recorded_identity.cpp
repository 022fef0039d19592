// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/recorded_identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "guest/model/domain_xml.hpp"
#include "guest/text/parse.hpp"
#include "guest/text/xml_names.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// Whether a text fits into an attribute without escapes. Devices and drivers may report any text.
bool is_plain(std::string_view text) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/";
  return !text.empty() && text.size() <= kLongestIdentityText &&
         text.find_first_not_of(kAllowed) == text.npos;
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

}  // namespace

void write_identity(pugi::xml_node element, const Identity& identity) {
  for (const auto& [name, id] : kIdentityIds)
    if (identity.*id) element.append_attribute(name) = fmt::format("{:04x}", *(identity.*id)).c_str();
  for (const auto& [name, text] : kIdentityTexts)
    if (is_plain(identity.*text)) element.append_attribute(name) = (identity.*text).c_str();
}

Identity read_identity(pugi::xml_node element) {
  Identity identity;
  for (const auto& [name, id] : kIdentityIds)
    identity.*id = parse_number<std::uint16_t>(element.attribute(name).value(), 16);
  for (const auto& [name, text] : kIdentityTexts)
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
  if (domain_xml.empty()) return {};
  return recorded_identities(parse_domain(domain_xml).child("domain"));
}

std::map<PciAddress, Identity> recorded_identities(pugi::xml_node domain) {
  std::map<PciAddress, Identity> recorded;
  for (const pugi::xml_node element : own_metadata(domain).children())
    if (const auto address = PciAddress::parse(element.attribute("address").value()))
      recorded.emplace(*address, read_identity(element));
  return recorded;
}

std::string with_identities(const std::string& metadata, const std::map<PciAddress, Identity>& recorded,
                            const std::vector<PciAddress>& forgotten) {
  pugi::xml_document document;
  parse_xml(metadata, document);
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
