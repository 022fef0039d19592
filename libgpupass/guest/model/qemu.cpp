// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/qemu.hpp"

#include "guest/text/xml_names.hpp"

namespace gpupass {

pugi::xml_node qemu_child(pugi::xml_node domain, std::string_view name) {
  return domain.find_child([&](pugi::xml_node child) {
    return child.type() == pugi::node_element && local_name(child) == name &&
           namespace_of(child) == kQemuNamespace;
  });
}

pugi::xml_node qemu_device(pugi::xml_node domain, std::string_view alias) {
  return qemu_child(domain, "override").find_child([&](pugi::xml_node device) {
    return local_name(device) == "device" && alias == device.attribute("alias").value();
  });
}

pugi::xml_node qemu_property(pugi::xml_node domain, std::string_view alias, std::string_view property) {
  return qemu_device(domain, alias).find_node([&](pugi::xml_node node) {
    return local_name(node) == "property" && property == node.attribute("name").value();
  });
}

}  // namespace gpupass
