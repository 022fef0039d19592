// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/hostdev.hpp"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "guest/edit/slots.hpp"

namespace gpupass {

pugi::xml_node append_hostdev(pugi::xml_node parent, PciAddress device) {
  pugi::xml_node hostdev = parent.append_child("hostdev");
  hostdev.append_attribute("mode") = "subsystem";
  hostdev.append_attribute("type") = "pci";
  hostdev.append_attribute("managed") = "no";
  hostdev.append_child("driver").append_attribute("name") = "vfio";
  append_address(hostdev.append_child("source"), device);
  // libvirt drops an alias that does not start "ua-".
  hostdev.append_child("alias").append_attribute("name") =
      fmt::format("ua-gpu-{:04x}-{:02x}-{:02x}-{:x}", device.domain, device.bus, device.device,
                  device.function)
          .c_str();
  return hostdev;
}

std::string hostdev_xml(PciAddress device, const std::optional<GuestSlot>& guest) {
  pugi::xml_document scratch;
  pugi::xml_node hostdev = append_hostdev(scratch, device);
  if (guest) {
    append_guest_address(hostdev, guest->address);
    if (guest->multifunction) hostdev.child("address").append_attribute("multifunction") = "on";
  }
  return lay_out(hostdev) + "\n";
}

}  // namespace gpupass
