// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/pci.hpp"
#include "guest/text/definition.hpp"

/// The graphics of an Intel processor as a guest gets it: where the drivers of both Linux and Windows look
/// for it, at 00:02.0 of the root bus, and with the OpRegion, in which the firmware says what is connected.
namespace gpupass {

/// Whether the guest has the function there.
bool stands_as_on_host(const Definition& text, PciAddress function);
/// Makes 00:02.0 of the guest free. @throws Error Refused when another device than a port is there.
PciAddress slot_of_intel_graphics(Definition& text);
/// Has QEMU show the OpRegion of the function to the guest.
void give_op_region(Definition& text, PciAddress function);

}  // namespace gpupass
