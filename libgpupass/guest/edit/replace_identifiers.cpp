// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/replace_identifiers.hpp"

#include <pugixml.hpp>
#include <sstream>

#include "guest/edit/recorded_identity.hpp"

namespace gpupass {

namespace {

/// Whether the text of a domain's element is a serial number. A <serial> without text is a port.
bool holds_serial(pugi::xml_node element) {
  const std::string_view name = element.name();
  const std::string_view entry = element.attribute("name").value();
  return name == "serial" || (name == "entry" && (entry == "serial" || entry == "asset"));
}

class Replacing : public pugi::xml_tree_walker {
 public:
  explicit Replacing(const Replacements& by) : by_(by) {}
  bool for_each(pugi::xml_node& element) override {
    element.remove_attribute("passwd");
    pugi::xml_text content = element.text();
    if (content && holds_serial(element)) content.set(by_.serial(content.get()).c_str());
    if (content && std::string_view(element.name()) == "wwn")
      content.set(by_.device_serial(content.get()).c_str());
    return true;
  }

 private:
  const Replacements& by_;
};

}  // namespace

std::optional<std::string> replace_identifiers(std::string_view domain_xml, const Replacements& by) {
  pugi::xml_document document;
  if (!document.load_buffer(domain_xml.data(), domain_xml.size(),
                            pugi::parse_default | pugi::parse_ws_pcdata))
    return std::nullopt;
  Replacing replacing(by);
  document.traverse(replacing);
  for (const pugi::xml_node element : own_metadata(document.child("domain")).children())
    for (const char* name : {"serial", "uuid"})
      if (pugi::xml_attribute attribute = element.attribute(name))
        attribute = by.identifier(attribute.value()).c_str();
  std::ostringstream printed;
  document.save(printed, "", pugi::format_raw | pugi::format_no_declaration);
  return printed.str();
}

}  // namespace gpupass
