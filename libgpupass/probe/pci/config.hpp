// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "gpupass/pci.hpp"
#include "probe/pci/config_space.hpp"

namespace gpupass {

/// What the bytes of a sysfs `config` file say. The kernel hands all of them (256, or 4096 of a PCI Express
/// function) to root alone; others get the header. What stands in bytes that are not there is unknown.
Fact<PciConfig> parse_config(const ConfigSpace& bytes);

/// The link that the PCI Express capability tells of. Absent: the function has none.
Fact<PciLink> link_in_config(std::string_view bytes);

/// Where the eight bytes of the Device Serial Number stand. @returns nullopt when there is none to be found.
std::optional<std::size_t> serial_offset(std::string_view bytes);

}  // namespace gpupass
