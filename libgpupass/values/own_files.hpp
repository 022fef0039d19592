// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "gpupass/own_file.hpp"

/// Where gpupass's own files are, beside the hooks for boot images.
namespace gpupass {

/// Settings, as gpupass.conf(5) declares them.
inline constexpr std::string_view kSettingsFile = "/etc/gpupass/settings";
/// The GPUs that no guest may have.
inline constexpr std::string_view kQuarantineFile = "/etc/gpupass/quarantine";
/// What libvirt asks about each guest of QEMU.
inline constexpr std::string_view kHookFile = "/etc/libvirt/hooks/qemu.d/50-gpupass";

/// Whether it is started as a program.
bool is_own_program(std::string_view path);

}  // namespace gpupass
