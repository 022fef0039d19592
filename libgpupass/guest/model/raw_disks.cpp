// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/raw_disks.hpp"

#include <pugixml.hpp>

#include "guest/text/parse.hpp"

namespace gpupass {

std::vector<std::string> raw_disks(std::string_view domain_xml) {
  std::vector<std::string> nodes;
  pugi::xml_document document;
  if (parse_xml(domain_xml, document)) return nodes;
  // A node may also be given as if it were a file.
  for (const pugi::xml_node disk : document.child("domain").child("devices").children("disk"))
    for (const char* name : {"dev", "file"})
      if (const std::string node = disk.child("source").attribute(name).value(); node.starts_with("/dev/"))
        nodes.push_back(node);
  return nodes;
}

}  // namespace gpupass
