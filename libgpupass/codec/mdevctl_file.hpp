// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "gpupass/host.hpp"

namespace gpupass {

/// What mdevctl's file says of one mediated device: its type, whether boots make it, and whether it has
/// attributes. Which device it is, its path says. @throws Error Malformed.
MediatedDefinition parse_mdevctl_file(std::string_view text);

}  // namespace gpupass
