// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "gpupass/render.hpp"

namespace gpupass {

/// Looks PCI ids up in the databases of this machine, never in the network.
NameLookup pci_names();

}  // namespace gpupass
