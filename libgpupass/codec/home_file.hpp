// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/host.hpp"

namespace gpupass {

/// The folder in which `bind` writes down where each function belongs: one file each, named by its address.
inline constexpr std::string_view kHomeFolder = "/run/gpupass/home";

/// "/run/gpupass/home/0000:65:00.0".
std::string home_path(PciAddress address);

/// The content of a home file: JSON, one line.
std::string to_home_file(const Home& home);

/// Reads it back. The address is the file's name, not part of its content.
/// @throws Error Malformed naming the file, what was seen and what was expected.
Home parse_home_file(PciAddress address, std::string_view content);

/// Whether a name can be a driver's name. A record is foreign input, and the name becomes part of a path.
bool is_driver_name(std::string_view name);
/// Whether a name can be that of a service or of a login session.
bool is_unit_name(std::string_view name);

}  // namespace gpupass
