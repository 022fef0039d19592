// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/hostdev.hpp"

#include <algorithm>
#include <pugixml.hpp>

#include "guest/edit/slots.hpp"
#include "guest/text/element.hpp"

namespace gpupass {

namespace {

/// libvirt drops an alias that does not start "ua-", or has ":" or "." in it.
std::string alias_of(DeviceId device) {
  std::string name = device.to_string();
  std::ranges::replace_if(name, [](char c) { return c == ':' || c == '.'; }, '-');
  return "ua-gpu-" + name;
}

}  // namespace

pugi::xml_node append_hostdev(pugi::xml_node parent, DeviceId device) {
  pugi::xml_node hostdev = parent.append_child("hostdev");
  hostdev.append_attribute("mode") = "subsystem";
  hostdev.append_attribute("type") = device.is_mediated() ? "mdev" : "pci";
  hostdev.append_attribute("managed") = "no";
  if (const auto function = device.function()) {
    hostdev.append_child("driver").append_attribute("name") = "vfio";
    append_address(hostdev.append_child("source"), *function);
  } else {
    hostdev.append_attribute("model") = "vfio-pci";
    hostdev.append_child("source").append_child("address").append_attribute("uuid") =
        device.to_string().c_str();
  }
  hostdev.append_child("alias").append_attribute("name") = alias_of(device).c_str();
  return hostdev;
}

std::string hostdev_xml(DeviceId device, const std::optional<GuestSlot>& guest) {
  pugi::xml_document scratch;
  pugi::xml_node hostdev = append_hostdev(scratch, device);
  if (guest) {
    append_guest_address(hostdev, guest->address);
    if (guest->multifunction) hostdev.child("address").append_attribute("multifunction") = "on";
  }
  return lay_out(hostdev) + "\n";
}

}  // namespace gpupass
