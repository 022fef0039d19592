// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "gpupass/pci.hpp"

/// The record that a driver hung while it was unbound from a function: readable for all, and kept until the
/// next boot.
namespace gpupass {

inline constexpr std::string_view kWedgedFolder = "/run/gpupass/wedged";

/// "/run/gpupass/wedged/0000:65:00.0".
inline std::string wedged_path(PciAddress address) {
  return fmt::format("{}/{}", kWedgedFolder, address.to_string());
}

}  // namespace gpupass
