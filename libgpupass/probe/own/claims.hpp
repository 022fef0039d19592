// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// Where modprobe reads its configuration; the first comes first: modprobe.d(5).
inline constexpr std::array<std::string_view, 5> kModprobeFolders = {
    "/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
    "/lib/modprobe.d"};

/// What else decides at boot which driver a device gets. Unknown when any of the files cannot be read: it may
/// be the one. Reads: /etc/driverctl.d, kModprobeFolders, kUdevFolders, /proc/cmdline, and Unraid's
/// /boot/config/vfio-pci.cfg.
Fact<std::vector<Claim>> read_claims(const System& system);

/// The ids that a driver is given, which takes every device that they match: vfio-pci, or pci-stub.
struct ClaimedIds {
  std::string driver;
  std::vector<std::string> ids;  ///< Empty: none are given.
};
/// Of a file of modprobe's configuration, whose lines may go on behind a backslash.
std::vector<ClaimedIds> ids_of_modprobe(std::string text);
/// Of a word of the kernel's command line.
ClaimedIds ids_of_option(std::string_view option);
/// The functions that Unraid's list binds: "BIND=0000:03:00.0|10de:2684 0000:03:00.1|10de:22ba".
std::vector<PciAddress> functions_of_unraid(std::string_view list);

}  // namespace gpupass
