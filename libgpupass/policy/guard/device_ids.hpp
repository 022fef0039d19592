// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "gpupass/pci.hpp"

namespace gpupass {

/// Whether a function matches ids as drivers of PCI take them, all hexadecimal:
/// VENDOR:DEVICE[:SUBVENDOR[:SUBDEVICE[:CLASS[:MASK]]]], where ffffffff is any, and of the class only the
/// bits of the mask count. No: also for what is not ids. Unknown: a fact that they ask for is not known.
Answer matches_ids(std::string_view ids, const PciFunction& function);

}  // namespace gpupass
