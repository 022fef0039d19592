// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "gpupass/own_file.hpp"

/// Where gpupass's own files are, beside the hooks for boot images.
namespace gpupass {

/// Settings, as gpupass.conf(5) declares them.
inline constexpr std::string_view kSettingsFile = "/etc/gpupass/settings";
/// What each boot cuts GPUs into, as gpupass.conf(5) declares it, and in that form.
inline constexpr std::string_view kSlicesFile = "/etc/gpupass/slices";
/// The GPUs that no guest may have.
inline constexpr std::string_view kQuarantineFile = "/etc/gpupass/quarantine";
/// What is tuned while guests run. A boot forgets it, and the tuning.
inline constexpr std::string_view kTunedFile = "/run/gpupass/tuned";
/// What libvirt asks about each guest of QEMU.
inline constexpr std::string_view kHookFile = "/etc/libvirt/hooks/qemu.d/50-gpupass";

/// What the kernel's options are behind those of the user, for GRUB of Debian. No file to write alone: see
/// SetKernelOptions.
inline constexpr std::string_view kGrubFile = "/etc/default/grub.d/50-gpupass.cfg";
/// The modules that every boot loads early.
inline constexpr std::string_view kModulesFile = "/etc/modules-load.d/gpupass.conf";
/// The huge pages that every boot reserves.
inline constexpr std::string_view kPagesFile = "/etc/tmpfiles.d/gpupass.conf";
/// What GRUB boots, as its tool makes it from all its files.
inline constexpr std::string_view kGrubConfig = "/boot/grub/grub.cfg";

/// Whether another program reads it as its configuration.
bool is_own_configuration(std::string_view path);

/// Whether it is started as a program.
bool is_own_program(std::string_view path);

}  // namespace gpupass
