// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gpupass/pci.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// The function that a device of a class belongs to: the last one in the target of its link, because a VMD's
/// disks are below two. nullopt: it belongs to none.
std::optional<PciAddress> function_in(std::string_view target);
/// The same for the link at `path`; nullopt also where there is no link.
std::optional<PciAddress> function_above(const System& system, const std::string& path);

/// "sda" of "/dev/sda".
std::string last_name(std::string_view path);

}  // namespace gpupass
