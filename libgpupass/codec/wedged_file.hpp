// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "gpupass/pci.hpp"

/// Where it is written down, for all to read and until the next boot, that a driver has hung in a function's
/// removal.
namespace gpupass {

inline constexpr std::string_view kWedgedFolder = "/run/gpupass/wedged";

/// "/run/gpupass/wedged/0000:65:00.0".
inline std::string wedged_path(PciAddress address) {
  return fmt::format("{}/{}", kWedgedFolder, address.to_string());
}

}  // namespace gpupass
