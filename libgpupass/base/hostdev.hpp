// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/pci.hpp"

namespace gpupass {

/// The <hostdev> element that gives a function to a guest. It is bound to vfio-pci before libvirt sees it, so
/// libvirt must not manage its driver; the alias makes it recognisable in the guest's definition.
std::string hostdev_xml(PciAddress device);

}  // namespace gpupass
