// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "gpupass/device.hpp"

namespace pugi {
class xml_node;
}

namespace gpupass {

/// Where a function appears in the guest.
struct GuestSlot {
  PciAddress address;
  bool multifunction = false;  ///< Other functions are beside this one.
};

/// The <hostdev> element that gives a function to a guest. It is bound to vfio-pci before libvirt sees it, so
/// libvirt must not manage its driver; the alias makes it recognisable in the guest's definition. Without a
/// slot libvirt chooses one.
std::string hostdev_xml(DeviceId device, const std::optional<GuestSlot>& guest = {});
/// The same as a child of `parent`, without a slot. @returns it.
pugi::xml_node append_hostdev(pugi::xml_node parent, DeviceId device);

}  // namespace gpupass
