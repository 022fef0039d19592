// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"

namespace gpupass {

/// What every distribution calls its display manager too.
inline constexpr const char* kDisplayManager = "display-manager.service";

/// Whether a service only watches GPUs, or keeps them awake, and so can be stopped for a moment.
bool may_be_stopped(std::string_view unit);

/// Whether a service lets people log in at a display: their sessions end with it.
bool is_display_manager(std::string_view unit);

/// Whether the process ends when those services are stopped that nobody misses, and the `named` ones.
bool ends_with(const std::vector<std::string>& named, const DeviceUser& user);

/// Units to be stopped before functions leave their drivers.
struct Quiet {
  std::vector<std::string> services;  ///< Ascending.
  std::vector<std::string>
      sessions;  ///< After the services: a display manager would start them again. Ascending.
};

/// Those that nobody misses, and the `named` ones, as far as they have a function open; with a display
/// manager also its sessions that have one open.
Quiet quiet_for(const Host& host, const std::vector<PciAddress>& functions,
                const std::vector<std::string>& named);

}  // namespace gpupass
