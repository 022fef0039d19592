// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

/// The functions whose framebuffers show the kernel's consoles; `framebuffers` are those of the firmware.
/// Reads: /proc/cmdline, /sys/class/{graphics,vtconsole}.
std::vector<DeviceUse> console_uses(const System& system, const std::vector<DeviceUse>& framebuffers);

/// The numbers of the framebuffers that an option of the kernel's command line gives the consoles to,
/// "fbcon=map:01". Empty: none does.
std::set<unsigned> mapped_framebuffers(std::string_view command_line);
/// The options of the command line that mapped_framebuffers() reads.
std::vector<std::string> console_options(std::string_view command_line);

/// Where the firmware's framebuffer lies in a function's memory, as the text of /proc/iomem tells.
std::vector<DeviceUse> framebuffer_uses(std::string_view iomem);
/// The lines of it that matter to framebuffer_uses().
std::string framebuffer_lines(std::string_view iomem);

}  // namespace gpupass
