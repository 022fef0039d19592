// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gpupass/pci.hpp"

namespace gpupass {

/// Whether memory behind a BAR answers nobody, for it has no address. The ROM is read through a BAR, or not
/// at all; I/O ports are too few for many cards, and none needs them.
bool lacks_addresses(const Bar& bar);

}  // namespace gpupass
