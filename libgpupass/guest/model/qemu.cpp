// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/qemu.hpp"

#include <optional>

#include "guest/text/xml_names.hpp"

namespace gpupass {

namespace {

/// What stands behind a key, in either form of QEMU's: "host=01:00.0," or "host": "01:00.0".
std::string_view value_behind(std::string_view argument, std::string_view key) {
  const auto at = argument.find(key);
  if (at == argument.npos) return {};
  argument.remove_prefix(at + key.size());
  const auto start = argument.find_first_not_of("\"=: ");
  if (start == argument.npos || start == 0) return {};
  argument.remove_prefix(start);
  return argument.substr(0, argument.find_first_of(",\"} "));
}

/// The function that the argument of one -device gives; "sysfsdev" names its folder.
std::optional<PciAddress> device_of(std::string_view argument) {
  if (argument.find("vfio-pci") == argument.npos) return std::nullopt;
  if (const auto address = PciAddress::parse(value_behind(argument, "host"))) return address;
  const std::string_view folder = value_behind(argument, "sysfsdev");
  return PciAddress::parse(folder.substr(folder.rfind('/') + 1));
}

}  // namespace

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

std::vector<PciAddress> devices_of_arguments(pugi::xml_node domain) {
  std::vector<PciAddress> devices;
  bool is_device = false;
  for (const pugi::xml_node argument : qemu_child(domain, "commandline").children()) {
    if (local_name(argument) != "arg") continue;
    const std::string_view value = argument.attribute("value").value();
    if (const auto device = is_device ? device_of(value) : std::nullopt) devices.push_back(*device);
    is_device = value == "-device" || value == "--device";
  }
  return devices;
}

}  // namespace gpupass
