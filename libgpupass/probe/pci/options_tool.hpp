// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/fact.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// What sets the options of the kernel's command line on this distribution: "grubby", "kernelstub",
/// "proxmox-boot-tool", "rpm-ostree", "nixos-rebuild", "syslinux", or what writes GRUB's menu, "update-grub".
/// Reads /etc/os-release and which files /etc/kernel and /boot/config have.
Fact<std::string> read_options_tool(const System& system);

/// Of /etc/os-release the lines that this depends on.
std::string options_tool_lines(std::string_view os_release);

}  // namespace gpupass
