// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// What else decides at boot which driver a device gets. Unknown when any of the files cannot be read: it may
/// be the one. Reads: /etc/driverctl.d, /etc/modprobe.d,
/// /proc/cmdline.
Fact<std::vector<Claim>> read_claims(const System& system);

/// The ids that a line of modprobe's configuration, or a word of the kernel's command line, gives to
/// vfio-pci.
std::vector<std::string> vfio_ids_of_line(std::string_view line);
std::vector<std::string> vfio_ids_of_option(std::string_view option);

}  // namespace gpupass
