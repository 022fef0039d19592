// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/host.hpp"
#include "gpupass/names.hpp"

/// What a function is called by those who sell it.
namespace gpupass {

/// "10de:2330", "?" where unknown.
std::string ids_of(const PciFunction& function);
/// Vendor and device name, or the ids where there is no name. An empty look-up knows no names.
std::string name_of(const PciFunction& function, const NameLookup& names);

}  // namespace gpupass
