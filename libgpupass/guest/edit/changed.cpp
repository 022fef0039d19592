// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/changed.hpp"

#include <pugixml.hpp>
#include <sstream>

#include "guest/edit/recorded_identity.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/text/parse.hpp"

namespace gpupass {

namespace {

std::string text_of(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default | pugi::format_no_declaration);
  return text.str();
}

}  // namespace

std::string with_hostdev(const std::string& domain_xml, const std::string& element) {
  const pugi::xml_document document = parse_domain(domain_xml);
  document.child("domain").child("devices").append_buffer(element.data(), element.size());
  return text_of(document);
}

std::string without_hostdev(const std::string& domain_xml, DeviceId device) {
  const pugi::xml_document document = parse_domain(domain_xml);
  pugi::xml_node devices = document.child("domain").child("devices");
  for (pugi::xml_node element = devices.first_child(); element;) {
    const pugi::xml_node next = element.next_sibling();
    if (claimed_device(element) == device) devices.remove_child(element);
    element = next;
  }
  return text_of(document);
}

std::string with_own_metadata(const std::string& domain_xml, const std::string& metadata) {
  const pugi::xml_document document = parse_domain(domain_xml);
  pugi::xml_node domain = document.child("domain");
  if (pugi::xml_node present = own_metadata(domain)) present.parent().remove_child(present);
  if (!metadata.empty()) {
    if (!domain.child("metadata")) domain.prepend_child("metadata");
    pugi::xml_document own;
    parse_xml(metadata, own);
    own.document_element().append_attribute("xmlns") = kMetadataNamespace;
    domain.child("metadata").append_copy(own.document_element());
  }
  return text_of(document);
}

}  // namespace gpupass
