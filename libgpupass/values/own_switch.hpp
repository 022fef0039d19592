// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/host.hpp"

namespace gpupass {

/// The upstream port of the switch that a card has of its own, as Intel's Arc cards have: the GPU is below
/// one of its ports, and its sound below another. Such a switch is of the GPU's vendor, has the GPUs of one
/// port below it, and none of its ports leads to a slot. Other switches, as of boards with several GPUs,
/// connect cards.
/// @returns nullptr when the function is below no such switch.
const PciFunction* own_switch(const Host& host, const PciFunction& function);

/// The function whose link is that of the card's slot: the card's own switch, or the function itself. Links
/// inside the card tell nothing of the slot: AMD's always have all lanes, and Intel's say that they have one.
const PciFunction& at_slot(const Host& host, const PciFunction& function);

}  // namespace gpupass
