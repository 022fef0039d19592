// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/xml_names.hpp"

#include <string>

namespace gpupass {

std::string_view namespace_of(pugi::xml_node element) {
  const std::string_view name = element.name();
  const auto colon = name.find(':');
  const std::string key = colon == name.npos ? "xmlns" : "xmlns:" + std::string(name.substr(0, colon));
  for (pugi::xml_node at = element; at; at = at.parent())
    if (const pugi::xml_attribute declared = at.attribute(key.c_str())) return declared.value();
  return {};
}

std::string_view local_name(pugi::xml_node element) {
  const std::string_view name = element.name();
  return name.substr(name.find(':') + 1);
}

}  // namespace gpupass
