// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <pugixml.hpp>
#include <string_view>
#include <vector>

#include "gpupass/pci.hpp"

/// What a definition hands to QEMU as it is: elements of a namespace of their own.
namespace gpupass {

/// A domain's <qemu:commandline> or <qemu:override>, whatever its prefix; an empty node where there is none.
pugi::xml_node qemu_child(pugi::xml_node domain, std::string_view name);
/// What is overridden of the device that has this alias; an empty node where nothing is.
pugi::xml_node qemu_device(pugi::xml_node domain, std::string_view alias);
/// One property of that; an empty node where the definition does not name it.
pugi::xml_node qemu_property(pugi::xml_node domain, std::string_view alias, std::string_view property);

/// The functions of the host that its arguments give to the guest, which libvirt does not know of:
/// "vfio-pci,host=01:00.0". In their order.
std::vector<PciAddress> devices_of_arguments(pugi::xml_node domain);

}  // namespace gpupass
