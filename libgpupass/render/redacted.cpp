// SPDX-License-Identifier: LGPL-2.1-or-later
#include <pugixml.hpp>
#include <sstream>

#include "render/change.hpp"

namespace gpupass {

std::string redacted(const std::string& xml) {
  constexpr auto kHidden = "****";
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size(), pugi::parse_full)) return {};
  // What libvirt itself leaves out without VIR_DOMAIN_XML_SECURE: passwords of displays, cookies of network
  // disks.
  for (const auto& found : document.select_nodes("//@passwd")) found.attribute().set_value(kHidden);
  for (const auto& found : document.select_nodes("//cookies/cookie/text()")) found.node().set_value(kHidden);
  std::ostringstream text;
  document.save(text, "  ", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

}  // namespace gpupass
